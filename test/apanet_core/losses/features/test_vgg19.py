from __future__ import annotations

import pytest

pytest.importorskip("torch")

import hashlib
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from apanet_core.errors import CheckpointError, ImageError
from apanet_core.losses.features import Vgg19Features, load_features

# The convolutions of torchvision's VGG19 as it numbers them, and the channels around them.
NUMBERS = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28)
CHANNELS = (3, 64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512)


def doubling_state() -> dict[str, Tensor]:
    """Weights that double the first channel in every convolution and drop all others."""
    state = {}
    for number, channels, wanted in zip(NUMBERS, CHANNELS, CHANNELS[1:], strict=False):
        weight = torch.zeros(wanted, channels, 3, 3, dtype=torch.float16)
        weight[0, 0, 1, 1] = 2
        state[f"features.{number}.weight"] = weight
        state[f"features.{number}.bias"] = torch.zeros(wanted, dtype=torch.float16)
    # What a whole VGG19 has beyond.
    return {**state, "features.30.weight": torch.zeros(1), "classifier.0.bias": torch.zeros(1)}


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("vgg19") / "vgg19.safetensors"
    save_file(doubling_state(), path)
    return path


@pytest.fixture(scope="module")
def features(weights) -> Vgg19Features:
    return Vgg19Features(weights)


def random_image(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(3))


def test_the_maps_by_hand(features) -> None:
    image = random_image(1, 3, 37, 48)
    red = (image[:, :1] - 0.485) / 0.229

    maps = features(image)

    # So many convolutions, each doubling, lie at or before the first one of a stage.
    for stage, (channels, convolutions) in enumerate(
        [(64, 1), (128, 3), (256, 5), (512, 9), (512, 13)]
    ):
        expected = 2**convolutions * F.max_pool2d(red.relu(), 2**stage)
        assert maps[stage].shape == (1, channels, 37 // 2**stage, 48 // 2**stage)
        assert torch.allclose(maps[stage][:, :1], expected, rtol=1e-4)
        assert not maps[stage][:, 1:].any()
    assert len(maps) == 5


def test_the_weights_are_the_papers(features) -> None:
    assert features.weights == (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)


def test_the_file_is_recorded(weights, features) -> None:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()

    assert features.identity == f"vgg19 sha256:{digest}"


def test_the_gradient_reaches_the_image_and_no_parameter(features) -> None:
    image = random_image(1, 3, 16, 16).requires_grad_()

    features(image)[-1].sum().backward()

    assert image.grad is not None
    # The brightest red pixel alone passes every pooling.
    assert image.grad.count_nonzero() == 1
    assert image.grad.flatten()[image[:, 0].argmax()] == pytest.approx(2**13 / 0.229)
    assert not any(parameter.requires_grad for parameter in features.parameters())


def test_a_torch_file_gives_the_same(tmp_path, features) -> None:
    path = tmp_path / "vgg19.pth"
    torch.save(doubling_state(), path)
    image = random_image(1, 3, 16, 16)

    # Weights at other addresses may be multiplied by other kernels.
    torch.testing.assert_close(load_features(f"vgg19:{path}")(image)[4], features(image)[4])


@pytest.mark.parametrize("shape", [(1, 3, 15, 16), (1, 3, 16, 15), (1, 1, 16, 16), (3, 16, 16)])
def test_an_image_of_another_shape_is_refused(features, shape: tuple[int, ...]) -> None:
    with pytest.raises(
        ImageError, match=rf"VGG19 takes \[B,3,H,W\] .*at least 16, got {re.escape(str(shape))}\."
    ):
        features(random_image(*shape))


def cannot_load(path: Path, reason: str):
    return pytest.raises(
        CheckpointError,
        match=f"^Cannot load VGG19 from {re.escape(str(path))}, {reason}: "
        "give torchvision's vgg19 weights .*, or choose encoder:MODEL, which needs no download.$",
    )


@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
@pytest.mark.parametrize("content", [b"", b"no weights at all"])
def test_a_damaged_file_is_refused(tmp_path, ending: str, content: bytes) -> None:
    path = tmp_path / f"vgg19{ending}"
    path.write_bytes(content)

    with cannot_load(path, "it is no whole file of weights"):
        Vgg19Features(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([1, 2], "it holds no table of weights"),
        ({"net": {}}, "it lacks the weights features.0.weight"),
        ({"features.0.weight": 3}, "it lacks the weights features.0.weight"),
        (
            {"features.0.weight": torch.zeros(64, 3, 7, 7)},
            r"its features.0.weight is \[64, 3, 7, 7\] where VGG19 has \[64, 3, 3, 3\]",
        ),
        (
            {"features.0.weight": torch.zeros(64, 3, 3, 3)},
            "it lacks the weights features.0.bias",
        ),
    ],
)
def test_other_weights_are_refused(tmp_path, content, reason: str) -> None:
    path = tmp_path / "other.pth"
    torch.save(content, path)

    with cannot_load(path, reason):
        Vgg19Features(path)
