"""Inference without torch: these tests run on machines that have none."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime")

from apanet_core.errors import BackendError, CheckpointError, ImageError
from apanet_core.network.config import ApanetConfig
from apanet_core.runtime.derainer import StereoDerainer

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def derainer(data_folder: Path) -> StereoDerainer:
    return StereoDerainer(data_folder / "small.onnx", "cpu")


@pytest.fixture(scope="module")
def known(data_folder: Path) -> dict[str, np.ndarray]:
    with np.load(data_folder / "small_onnx.npz") as file:
        return dict(file)


def difference(one: np.ndarray, two: np.ndarray) -> int:
    """The largest difference in grey levels."""
    return int(np.abs(one.astype(int) - two).max())


def test_computes_what_torch_did(derainer, known) -> None:
    left, right = derainer.derain(known["left"], known["right"])

    assert difference(left, known["derained_left"]) <= 1
    assert difference(right, known["derained_right"]) <= 1
    assert difference(left, known["left"]) > 20


def test_says_what_it_is(derainer, data_folder) -> None:
    assert derainer.device == "cpu"
    assert re.fullmatch(
        re.escape(str(data_folder / "small.onnx"))
        + r" \(ONNX Runtime [\d.]+, cpu, float32\) on cpu",
        derainer.description,
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (5, 7), (16, 16), (17, 33), (37, 51)])
def test_any_size(derainer, known, size: tuple[int, int]) -> None:
    height, width = size
    left, right = (known[name][:height, :width] for name in ("left", "right"))

    found = derainer.derain(left, right)

    for view in found:
        assert view.shape == (height, width, 3)
        assert view.dtype == np.uint8
        assert view.flags.c_contiguous
        assert view.flags.writeable


@pytest.mark.parametrize("size", [(36, 48), (35, 47)])
def test_views_that_run_backwards_are_read_as_they_look(derainer, known, size) -> None:
    height, width = size
    pair = [known[name][:height, :width][:, ::-1, ::-1] for name in ("left", "right")]

    found = derainer.derain(*pair)
    expected = derainer.derain(*map(np.ascontiguousarray, pair))

    assert np.array_equal(found, expected)


def test_inputs_are_left_alone(derainer, known) -> None:
    views = [known[name][:36, :48].copy() for name in ("left", "right")]
    for view in views:
        view.setflags(write=False)
    before = [view.copy() for view in views]

    derainer.derain(*views)

    assert all(np.array_equal(one, two) for one, two in zip(views, before, strict=True))


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ((20, 30, 3), (20, 31, 3), "differ in size: left 30 x 20, right 31 x 20"),
        ((20, 30), (20, 30, 3), r"left view must be uint8 RGB \[H,W,3\], got uint8 \(20, 30\)"),
        ((20, 30, 3), (20, 30, 4), r"right view must be .* got uint8 \(20, 30, 4\)"),
        ((0, 30, 3), (0, 30, 3), r"left view must be .* got uint8 \(0, 30, 3\)"),
    ],
)
def test_a_wrong_pair_is_refused(derainer, left, right, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        derainer.derain(np.zeros(left, np.uint8), np.zeros(right, np.uint8))


def test_a_view_of_another_type_is_refused(derainer) -> None:
    view = np.zeros((20, 30, 3), np.uint8)

    with pytest.raises(ImageError, match=r"right view must be .* got float32 \(20, 30, 3\)"):
        derainer.derain(view, view.astype(np.float32))


def test_warm_up_takes_a_time(derainer) -> None:
    assert 0 < derainer.warm_up(40, 60) < 60


@pytest.mark.parametrize("device", ["gpu", "cuda:99x", "cpu:1", "tpu:0", ""])
def test_an_unknown_device_lists_the_valid_ones(data_folder, device: str) -> None:
    with pytest.raises(
        BackendError, match=f"ONNX Runtime has no device '{device}' here; valid: auto, .*cpu"
    ):
        StereoDerainer(data_folder / "small.onnx", device)


@pytest.mark.parametrize("content", [b"", b"not an onnx file"])
def test_what_is_no_onnx_is_named(tmp_path, content: bytes) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)

    with pytest.raises(CheckpointError, match=f"Cannot load {re.escape(str(path))}: "):
        StereoDerainer(path)


def test_a_truncated_file_is_named(tmp_path, data_folder) -> None:
    path = tmp_path / "half.onnx"
    content = (data_folder / "small.onnx").read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(CheckpointError, match=f"Cannot load {re.escape(str(path))}: "):
        StereoDerainer(path)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CheckpointError, match=r"No weights 'none\.onnx': give a path"):
        StereoDerainer("none.onnx")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, "it is no exported APANet; write one with `apanet export`."),
        ({"apanet_config": "{"}, "The network's settings are no JSON: "),
        ({"apanet_config": '{"depth": 1}'}, "Unknown network setting depth; valid: "),
    ],
)
def test_a_foreign_onnx_is_refused(tmp_path, metadata: dict[str, str], reason: str) -> None:
    path = save_graph(tmp_path, {"left": "out"}, metadata)

    with pytest.raises(CheckpointError, match=re.escape(f"Cannot load {path}: {reason}")):
        StereoDerainer(path)


@pytest.mark.parametrize(
    ("graph", "number", "reason"),
    [
        ({"left": "derained_left"}, "FLOAT", "its input right is missing; export it anew."),
        (
            {"left": "derained_left", "right": "derained_right", "depth": "derained_depth"},
            "FLOAT",
            "its input depth is unknown; export it anew.",
        ),
        (
            {"left": "derained_left", "right": "right_out"},
            "FLOAT",
            "its output derained_right is missing; export it anew.",
        ),
        (
            {"left": "derained_left", "right": "derained_right"},
            "DOUBLE",
            "its input left is a tensor(double), not a tensor(float); export it anew.",
        ),
    ],
)
def test_a_graph_with_other_tensors_is_refused_by_their_name(
    tmp_path, graph: dict[str, str], number: str, reason: str
) -> None:
    path = save_graph(tmp_path, graph, {"apanet_config": ApanetConfig().to_json()}, number)

    with pytest.raises(CheckpointError, match=re.escape(f"Cannot load {path}: {reason}")):
        StereoDerainer(path)


def save_graph(
    folder: Path, outputs: dict[str, str], metadata: dict[str, str], number: str = "FLOAT"
) -> Path:
    """Save a graph that hands each input through a ReLU to the output named with it."""
    onnx = pytest.importorskip("onnx")
    kind, shape = getattr(onnx.TensorProto, number), [1, 3, None, None]
    tensors = [
        [onnx.helper.make_tensor_value_info(name, kind, shape) for name in names]
        for names in (outputs, outputs.values())
    ]
    nodes = [onnx.helper.make_node("Relu", [name], [out]) for name, out in outputs.items()]
    model = onnx.helper.make_model(
        onnx.helper.make_graph(nodes, "relu", *tensors),
        opset_imports=[onnx.helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.helper.set_model_props(model, metadata)
    path = folder / "foreign.onnx"
    onnx.save(model, path)
    return path


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
import numpy as np
from apanet_core.errors import ApanetError
from apanet_core.runtime.derainer import StereoDerainer
known = np.load(sys.argv[2])
try:
    found = StereoDerainer(sys.argv[1]).derain(known["left"], known["right"])
except ApanetError as error:
    sys.exit(str(error))
for view in ("left", "right"):
    found_view, expected = found[view == "right"], known["derained_" + view]
    assert np.abs(found_view.astype(int) - expected).max() <= 1
print("same")
"""


def run_without_torch(source: str | Path, data_folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(source), str(data_folder / "small_onnx.npz")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_exported_network_runs_where_torch_is_missing(data_folder) -> None:
    result = run_without_torch(data_folder / "small.onnx", data_folder)

    assert (result.returncode, result.stdout, result.stderr) == (0, "same\n", "")


def test_weights_without_torch_say_what_to_install(data_folder) -> None:
    result = run_without_torch("tiny", data_folder)

    assert result.returncode == 1
    assert "torch is not installed: pip install 'apanet_ros[torch]', or give an .onnx file" in (
        result.stderr
    )
    assert "Traceback" not in result.stderr
