from __future__ import annotations

import re

import pytest

pytest.importorskip("torch")

import importlib.util

import numpy as np
import torch

from apanet_core.errors import CheckpointError
from apanet_core.metrics.lpips import loading
from apanet_core.metrics.lpips.loading import cached_alexnet, load_lpips, shift_tolerant_file
from apanet_core.metrics.lpips.trunks import alexnet


@pytest.fixture(scope="module")
def pair(motorcycle) -> tuple[np.ndarray, np.ndarray]:
    """A noisy picture and the clean one."""
    clean = motorcycle[0][100:196, 200:320]
    noise = np.random.default_rng(3).integers(-40, 41, clean.shape)
    return np.clip(clean.astype(int) + noise, 0, 255).astype(np.uint8), clean


@pytest.fixture(scope="module")
def random_alexnet(tmp_path_factory):
    """Torchvision's names with random weights, and what a whole AlexNet has beyond."""
    generator = np.random.default_rng(17)
    state = {"classifier.1.bias": torch.zeros(2)}
    for name, tensor in alexnet().state_dict().items():
        values = generator.standard_normal(tensor.shape).astype(np.float32)
        scale = 0.05 if name.endswith("bias") else (2 / np.prod(tensor.shape[1:])) ** 0.5
        state[name.replace("layers", "features")] = torch.from_numpy(values * scale).float()
    path = tmp_path_factory.mktemp("alexnet") / "alexnet-owt-0123abcd.pth"
    torch.save(state, path)
    return path


def test_the_number_is_that_of_the_original(random_alexnet, pair) -> None:
    """The package lpips 0.1.4 gives this for the same AlexNet and pictures."""
    title, distance = load_lpips(random_alexnet)

    assert title == "LPIPS"
    assert distance(*pair) == pytest.approx(0.03527036, rel=1e-4)
    assert distance(pair[1], pair[1]) == 0


def test_the_shift_tolerant_number_is_that_of_the_original(pair) -> None:
    """The package stlpips_pytorch 0.0.2 gives this with its own, trained weights."""
    if importlib.util.find_spec("stlpips_pytorch") is None:
        pytest.skip("could not import 'stlpips_pytorch'")

    title, distance = load_lpips(shift_tolerant_file())

    assert title == "ST-LPIPS"
    assert distance(*pair) == pytest.approx(0.4949873, rel=1e-4)
    assert distance(pair[1], pair[1]) == 0


def test_torchs_cache_is_looked_into(random_alexnet, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert cached_alexnet() is None

    kept = tmp_path / "hub" / "checkpoints" / random_alexnet.name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(random_alexnet.read_bytes())

    assert cached_alexnet() == kept


def test_without_the_package_one_is_told_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setattr(loading, "SHIFT_TOLERANT_PACKAGE", "no_such_package")

    with pytest.raises(CheckpointError, match="pip install --no-deps no_such_package"):
        shift_tolerant_file()


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(
        CheckpointError, match=r"No LPIPS weights '.*none\.pth': give torchvision's"
    ):
        load_lpips(tmp_path / "none.pth")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([1], "it holds no table of weights"),
        ({"features.0.weight": 1}, "it lacks the weights features.0.weight"),
        ({"net.slice1.0.weight": 1}, "it lacks the weights net.slice1.0.weight"),
        (
            {"features.0.weight": torch.zeros(64, 3, 3, 3)},
            r"its features.0.weight is \[64, 3, 3, 3\] where AlexNet has \[64, 3, 11, 11\]",
        ),
    ],
)
def test_other_weights_are_refused(tmp_path, content, reason) -> None:
    path = tmp_path / "other.pth"
    torch.save(content, path)

    with pytest.raises(
        CheckpointError, match=f"^Cannot load LPIPS from {re.escape(str(path))}, {reason}: give"
    ):
        load_lpips(path)


def test_a_damaged_file_is_refused(tmp_path) -> None:
    (tmp_path / "half.pth").write_bytes(b"PK")

    with pytest.raises(CheckpointError, match=r"half\.pth, it is no whole file of weights: give"):
        load_lpips(tmp_path / "half.pth")
