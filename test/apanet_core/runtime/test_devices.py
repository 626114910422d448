from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.errors import BackendError
from apanet_core.runtime.devices import resolve_device


def test_auto_takes_the_gpu_where_there_is_one() -> None:
    assert resolve_device("auto") == ("cuda:0" if torch.cuda.is_available() else "cpu")


def test_the_cpu_is_always_there() -> None:
    assert resolve_device("cpu") == "cpu"


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "cuda:", "cpu:0", ""])
def test_an_unknown_device_lists_the_valid_ones(device: str) -> None:
    with pytest.raises(BackendError, match=f"No device '{device}' here; valid: auto, cpu"):
        resolve_device(device)
