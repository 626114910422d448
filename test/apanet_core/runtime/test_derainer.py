from __future__ import annotations

import re

import numpy as np
import pytest

pytest.importorskip("torch")

pytest.importorskip("PIL")

import torch
from PIL import Image

from apanet_core.errors import BackendError, CheckpointError, ConfigError, ImageError
from apanet_core.imaging.tiling import Tiling, derain_tiled
from apanet_core.network.apanet import APANet
from apanet_core.network.checkpoint import load_model, save_model
from apanet_core.network.config import ApanetConfig
from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.runtime.options import RuntimeOptions
from apanet_core.runtime.torch_backend import TorchBackend

CONFIGS = {
    "two levels": ApanetConfig(width=8, blocks=(1, 1), memory_size=(4, 4), parallax=(True, True)),
    "like tiny": ApanetConfig(
        width=8,
        blocks=(1, 1, 1),
        memory_size=(4, 4, 4),
        stem_fold=4,
        parallax=(False, True, True),
        standardise=True,
        parallax_gate=True,
        haze=True,
    ),
    "widest folding": ApanetConfig(width=4, blocks=(1, 1, 1, 1), memory_size=(4,) * 4, stem_fold=4),
}


@pytest.fixture(scope="module", params=CONFIGS, ids=lambda name: name.replace(" ", "_"))
def network(request, make_network, tmp_path_factory) -> tuple[APANet, StereoDerainer]:
    path = tmp_path_factory.mktemp("network") / "network.safetensors"
    save_model(make_network(CONFIGS[request.param]), path)
    return load_model(path), StereoDerainer(path, "cpu")


@pytest.fixture(scope="module")
def derainer(network) -> StereoDerainer:
    return network[1]


@pytest.fixture(scope="module")
def pair(motorcycle) -> tuple[np.ndarray, np.ndarray]:
    left, right, _ = motorcycle
    return left[200:300, 300:460].copy(), right[200:300, 270:430].copy()


@torch.inference_mode()
def forward(model: APANet, left: np.ndarray, right: np.ndarray) -> list[np.ndarray]:
    """The network's own answer, rounded to bytes."""
    height, width = left.shape[:2]
    # The network pads by itself, but takes no side shorter than 16 pixels.
    smallest = max(16, model.config.multiple)
    rim = [(0, smallest - side if side < 16 else 0) for side in (height, width)]
    tensors = [
        torch.from_numpy(np.pad(view, [*rim, (0, 0)], mode="reflect").astype(np.float32) / 255)
        .permute(2, 0, 1)
        .unsqueeze(0)
        for view in (left, right)
    ]
    return [
        np.rint(out[0].permute(1, 2, 0).numpy()[:height, :width].clip(0, 1) * 255).astype(np.uint8)
        for out in model(*tensors)
    ]


@pytest.mark.parametrize(
    "size", [(1, 1), (5, 7), (16, 16), (15, 64), (17, 33), (64, 96), (100, 160)]
)
def test_computes_what_the_network_does(network, pair, size: tuple[int, int]) -> None:
    model, derainer = network
    left, right = (view[: size[0], : size[1]] for view in pair)

    found = derainer.derain(left, right)

    for ours, expected in zip(found, forward(model, left, right), strict=True):
        assert ours.shape == (*size, 3)
        assert ours.dtype == np.uint8
        assert ours.flags.c_contiguous
        assert ours.flags.writeable
        assert np.abs(ours.astype(int) - expected).max() <= 1
        assert (ours == expected).mean() > 0.99


@pytest.mark.parametrize("size", [(96, 160), (97, 131)])
def test_views_that_run_backwards_are_read_as_they_look(derainer, pair, size) -> None:
    views = [view[: size[0], : size[1]][:, ::-1, ::-1] for view in pair]

    found = derainer.derain(*views)
    expected = derainer.derain(*map(np.ascontiguousarray, views))

    assert np.array_equal(found, expected)


def test_inputs_are_left_alone_and_outputs_are_new(derainer, pair) -> None:
    views = [view[:64, :96].copy() for view in pair]
    before = [view.copy() for view in views]
    for view in views:
        view.setflags(write=False)

    first = derainer.derain(*views)
    kept = [view.copy() for view in first]
    derainer.derain(*views[::-1])

    assert all(np.array_equal(one, two) for one, two in zip(views, before, strict=True))
    assert all(np.array_equal(one, two) for one, two in zip(first, kept, strict=True))


def test_says_what_it_is(network, derainer) -> None:
    millions = sum(parameter.numel() for parameter in network[0].parameters()) / 1e6

    assert derainer.device == "cpu"
    what = f"{millions:.2f} M parameters, torch {torch.__version__}, float32"
    assert derainer.description.endswith(f"network.safetensors ({what}) on cpu")


def test_warm_up_takes_a_time(derainer) -> None:
    assert 0 < derainer.warm_up(20, 30) < 60


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ((20, 30, 3), (21, 30, 3), "differ in size: left 30 x 20, right 30 x 21"),
        ((20, 30), (20, 30), r"left view must be uint8 RGB \[H,W,3\], got uint8 \(20, 30\)"),
        ((20, 30, 3), (20, 30, 1), r"right view must be .* got uint8 \(20, 30, 1\)"),
        ((20, 0, 3), (20, 0, 3), r"left view must be .* got uint8 \(20, 0, 3\)"),
    ],
)
def test_a_wrong_pair_is_refused(derainer, left, right, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        derainer.derain(np.zeros(left, np.uint8), np.zeros(right, np.uint8))


@pytest.mark.parametrize(
    ("view", "what"),
    [
        (None, "None"),
        ([[[0, 0, 0]]], "list"),
        (Image.new("RGB", (30, 20)), r"PIL\.Image"),
        (torch.zeros(20, 30, 3, dtype=torch.uint8), r"torch\.Tensor"),
        ("left.png", "str"),
    ],
)
def test_what_is_no_array_is_called_what_it_is(derainer, view, what) -> None:
    good = np.zeros((20, 30, 3), np.uint8)
    sentence = rf"must be uint8 RGB \[H,W,3\], got {what}: give a NumPy array\."
    with pytest.raises(ImageError, match=f"The left view {sentence}"):
        derainer.derain(view, good)
    with pytest.raises(ImageError, match=f"The right view {sentence}"):
        derainer.derain(good, view)


def test_a_released_checkpoint_is_taken_too(tmp_path, data_folder, pair) -> None:
    with np.load(data_folder / "small.npz") as file:
        net = {
            name.removeprefix("state/"): torch.from_numpy(file[name])
            for name in file
            if name.startswith("state/")
        }
    torch.save({"net": net, "best_psnr": 36.0}, tmp_path / "best.pth")
    left, right = (view[:40, :72] for view in pair)

    found = StereoDerainer(tmp_path / "best.pth", "cpu").derain(left, right)

    expected = forward(load_model(tmp_path / "best.pth"), left, right)
    assert np.abs(np.subtract(found, expected, dtype=int)).max() <= 1


def test_an_unknown_device_lists_the_valid_ones(tmp_path, make_network) -> None:
    save_model(make_network(CONFIGS["two levels"]), tmp_path / "network.safetensors")

    with pytest.raises(BackendError, match="No device 'cuda:99' here; valid: auto, cpu"):
        StereoDerainer(tmp_path / "network.safetensors", "cuda:99")


def test_unknown_weights_are_named() -> None:
    with pytest.raises(CheckpointError, match=r"No weights 'huge': .*shipped name \("):
        StereoDerainer("huge")


def test_damaged_weights_are_named(tmp_path) -> None:
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(b"half a file")

    with pytest.raises(CheckpointError, match=f"Cannot load {re.escape(str(path))}: "):
        StereoDerainer(path)


def test_tiles_of_the_papers_size_are_blended(make_network, tmp_path, motorcycle) -> None:
    left, right, _ = motorcycle
    pair = (left[:64, :400], right[:64, :400])
    path = tmp_path / "network.safetensors"
    save_model(make_network(CONFIGS["like tiny"]), path)

    tiled = StereoDerainer(path, "cpu", tiled=True)
    found = tiled.derain(*pair)

    model = load_model(path)
    views = [torch.from_numpy(view.transpose(2, 0, 1)[None] / np.float32(255)) for view in pair]
    with torch.inference_mode():
        expected = derain_tiled(model, *views, Tiling())
        whole = StereoDerainer(path, "cpu").derain(*pair)
    for output, wanted, other in zip(found, expected, whole, strict=True):
        pixels = (wanted[0] * 255).round().byte().permute(1, 2, 0).numpy()
        np.testing.assert_array_equal(output, pixels)
        assert not np.array_equal(output, other)
    assert "tiles of 320 px" in tiled.description


def test_an_exported_network_is_not_tiled() -> None:
    with pytest.raises(BackendError, match=r"some\.onnx derains whole pictures only: give "):
        StereoDerainer("some.onnx", tiled=True)


def test_bfloat16_is_near_float32(network, pair, tmp_path) -> None:
    save_model(network[0], tmp_path / "network.safetensors")
    views = [view[:64, :96] for view in pair]

    half = StereoDerainer(tmp_path / "network.safetensors", "cpu", precision="bfloat16")

    exact, rounded = network[1].derain(*views), half.derain(*views)
    error = np.subtract(exact, rounded, dtype=float)
    assert 0 < np.abs(error).mean() < 1
    assert half.description.endswith(", bfloat16) on cpu")


@pytest.mark.parametrize(
    ("source", "backend", "remedy"),
    [("tiny", "onnx", "write an .onnx with `apanet export`"), ("a.onnx", "torch", "give .safet")],
)
def test_a_backend_that_does_not_fit_says_what_to_do(source, backend, remedy: str) -> None:
    with pytest.raises(
        BackendError, match=f"The backend {backend} does not run {source}: {remedy}"
    ):
        StereoDerainer(source, backend=backend)


@pytest.fixture(scope="module")
def haze_lifter(make_network, tmp_path_factory) -> StereoDerainer:
    path = tmp_path_factory.mktemp("network") / "haze.safetensors"
    save_model(make_network(CONFIGS["like tiny"]), path)
    return StereoDerainer(path, "cpu")


@pytest.mark.parametrize("tiled", [False, True])
def test_the_share_of_the_veil_that_goes_may_change_from_pair_to_pair(
    haze_lifter, pair, tiled
) -> None:
    backend = haze_lifter._backend if not tiled else None
    if tiled:
        model = haze_lifter._backend._model
        backend = TorchBackend(model, RuntimeOptions(tiled=True))
    derainer = StereoDerainer(backend, veil_removal=0.0)

    kept = np.stack(derainer.derain(*pair)).astype(int)
    derainer.veil_removal = 1
    clean = np.stack(derainer.derain(*pair)).astype(int)
    derainer.veil_removal = 0.5
    between = np.stack(derainer.derain(*pair)).astype(int)

    assert np.abs(clean - kept).max() > 8
    # Views are clipped to bytes only at the end, and rounded once.
    inside = (np.minimum(kept, clean) > 0) & (np.maximum(kept, clean) < 255)
    assert np.abs(2 * between - kept - clean)[inside].max() <= 2


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_out_of_range_says_the_range(haze_lifter, share) -> None:
    with pytest.raises(ConfigError, match=f"veil_removal must be from 0 to 1, got {share}"):
        haze_lifter.veil_removal = share
    assert haze_lifter.veil_removal == 1


def test_weights_that_do_not_separate_the_veil_take_all_of_it_away(
    make_network, tmp_path, data_folder
) -> None:
    save_model(make_network(CONFIGS["two levels"]), tmp_path / "plain.safetensors")
    for source in (tmp_path / "plain.safetensors", data_folder / "small.onnx"):
        assert StereoDerainer(source, "cpu").veil_removal == 1
        with pytest.raises(ConfigError, match=r"veil_removal 0\.5 needs weights that separate"):
            StereoDerainer(source, "cpu", veil_removal=0.5)


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_sixteen_bits_are_derained_as_the_scene_that_they_show(network, pair, bits: int) -> None:
    _, derainer = network
    white = 2**bits - 1
    views = [view.copy() for view in pair]
    views[0][0, 0] = 255
    deep = [np.rint(view / 255 * white).astype(np.uint16) for view in views]

    found = derainer.derain(*deep)

    for ours, expected in zip(found, derainer.derain(*views), strict=True):
        assert ours.dtype == np.uint16
        assert np.abs(ours.astype(float) * 255 / white - expected).max() < 1.5


def test_bits_may_be_given_and_both_views_are_scaled_alike() -> None:
    seen = []

    class Watched:
        device, description, multiple, separates_veil = "cpu", "watched", 1, False

        def derain(self, left, right, _mark, _veil_removal):
            seen.append((int(left.max()), int(right.max())))
            return left, right

        def working_bytes(self, height, width):
            return height * width

    left, right = (np.full((16, 16, 3), value, np.uint16) for value in (100, 1000))
    for bits in (0, 12, 16):
        derained = StereoDerainer(Watched(), bits=bits).derain(left, right)
        assert [int(view.max()) for view in derained] == [100, 1000]

    assert seen == [
        (round(100 * 65535 / white), round(1000 * 65535 / white)) for white in (1023, 4095, 65535)
    ]


def test_views_of_two_types_are_refused(derainer) -> None:
    left, right = np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16, 3), np.uint16)

    with pytest.raises(ImageError, match="The views differ in type: left uint8, right uint16"):
        derainer.derain(left, right)
