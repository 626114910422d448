from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.errors import BackendError
from apanet_core.runtime.devices import resolve_device, resolve_precision


def test_auto_takes_the_gpu_where_there_is_one() -> None:
    assert resolve_device("auto") == ("cuda:0" if torch.cuda.is_available() else "cpu")


def test_the_cpu_is_always_there() -> None:
    assert resolve_device("cpu") == "cpu"


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "cuda:", "cpu:0", ""])
def test_an_unknown_device_lists_the_valid_ones(device: str) -> None:
    with pytest.raises(BackendError, match=f"No device '{device}' here; valid: auto, cpu"):
        resolve_device(device)


def test_a_cpu_computes_in_float32_unless_told() -> None:
    assert resolve_precision("auto", "cpu") == "float32"
    assert resolve_precision("bfloat16", "cpu") == "bfloat16"


def test_a_precision_that_a_cpu_is_slow_at_is_refused() -> None:
    message = (
        r"No precision 'float16' on cpu; valid: auto, float32, bfloat16 \(float16 takes a CPU many"
    )
    with pytest.raises(BackendError, match=message):
        resolve_precision("float16", "cpu")


@pytest.mark.parametrize(("capability", "chosen"), [((7, 5), "float32"), ((8, 7), "bfloat16")])
def test_a_gpu_computes_in_bfloat16_where_it_can(monkeypatch, capability, chosen: str) -> None:
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda _device: capability)

    assert resolve_precision("auto", "cuda:0") == chosen
    assert resolve_precision("float16", "cuda:0") == "float16"


def test_an_older_gpu_says_why_it_has_no_bfloat16(monkeypatch) -> None:
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda _device: (7, 5))

    with pytest.raises(BackendError, match=r"valid: auto, float32, float16 \(bfloat16 needs a GPU"):
        resolve_precision("bfloat16", "cuda:0")
