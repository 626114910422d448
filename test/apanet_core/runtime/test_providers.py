from __future__ import annotations

import pytest

from apanet_core.errors import BackendError
from apanet_core.runtime.options import PROVIDERS
from apanet_core.runtime.providers import NAMES, Choice, choose_provider

CPU = ["CPUExecutionProvider"]
CUDA = ["CUDAExecutionProvider", *CPU]
ALL = ["TensorrtExecutionProvider", *CUDA]


def test_the_options_know_every_provider() -> None:
    assert tuple(NAMES) == PROVIDERS


@pytest.mark.parametrize(
    ("provider", "device", "available", "expected"),
    [
        ("auto", "auto", CPU, Choice("cpu", 0, certain=False)),
        ("auto", "auto", ALL, Choice("cuda", 0, certain=False)),
        ("auto", "auto", [ALL[0], *CPU], Choice("tensorrt", 0, certain=False)),
        ("auto", "cpu", ALL, Choice("cpu", 0, certain=True)),
        ("auto", "cuda:1", ALL, Choice("cuda", 1, certain=True)),
        ("tensorrt", "auto", ALL, Choice("tensorrt", 0, certain=True)),
        ("tensorrt", "cuda:2", ALL, Choice("tensorrt", 2, certain=True)),
        ("cpu", "auto", ALL, Choice("cpu", 0, certain=True)),
    ],
)
def test_what_is_chosen(provider, device, available, expected: Choice) -> None:
    assert choose_provider(provider, device, available) == expected


def test_a_gpu_has_its_number() -> None:
    assert choose_provider("auto", "cuda:1", CUDA).device == "cuda:1"
    assert choose_provider("auto", "cpu", CUDA).device == "cpu"


@pytest.mark.parametrize("device", ["gpu", "cpu:1", "cuda:x", ""])
def test_an_unknown_device_lists_the_others(device: str) -> None:
    with pytest.raises(BackendError, match=f"no device '{device}' here; valid: auto, cuda:N, cpu"):
        choose_provider("auto", device, ALL)


def test_a_provider_that_is_not_here_says_why() -> None:
    with pytest.raises(
        BackendError,
        match=r"no provider 'tensorrt' on device 'auto' here; valid: auto, cpu \(cuda needs the "
        r"package onnxruntime-gpu: .*; tensorrt needs the package onnxruntime-gpu and NVIDIA's",
    ):
        choose_provider("tensorrt", "auto", CPU)


def test_a_provider_of_another_device_is_refused() -> None:
    with pytest.raises(BackendError, match="no provider 'cpu' on device 'cuda' here; valid: auto,"):
        choose_provider("cpu", "cuda", CUDA)
