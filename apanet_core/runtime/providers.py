"""Which of ONNX Runtime's execution providers computes; policy only, nothing is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apanet_core.errors import BackendError
from apanet_core.runtime.options import AUTO

NAMES = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""By the names of `RuntimeOptions.provider`, in the order in which `auto` takes what is there."""

_PACKAGES = {
    "cuda": "needs the package onnxruntime-gpu: pip install 'apanet_ros[onnx-gpu]'",
    "tensorrt": "needs the package onnxruntime-gpu and NVIDIA's TensorRT",
}


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        provider: `cuda`, `tensorrt` or `cpu`.
        number: of the GPU; 0 on a CPU.
        certain: whether it was asked for, by provider or device; if not, the CPU may stand in.
    """

    provider: str
    number: int
    certain: bool

    @property
    def device(self) -> str:
        """`cpu` or `cuda:N`."""
        return "cpu" if self.provider == "cpu" else f"cuda:{self.number}"


def choose_provider(provider: str, device: str, available: Sequence[str]) -> Choice:
    """Choose by the options and by what ONNX Runtime was built with.

    Args:
        provider: `auto`, or a name of `NAMES`.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        available: ONNX Runtime's own names, as `get_available_providers` returns them.

    Raises:
        BackendError: it is not available; the message lists what is, and why the others are not.
    """
    here = [name for name, full in NAMES.items() if full in available]
    kind, _, number = device.partition(":")
    fitting = [name for name in here if kind == AUTO or (name == "cpu") == (kind == "cpu")]
    chosen = (fitting or [""])[0] if provider == AUTO else provider
    numbered = not number or (kind == "cuda" and number.isdigit())
    if kind not in (AUTO, "cpu", "cuda") or not numbered or not fitting:
        raise BackendError(
            f"ONNX Runtime has no device {device!r} here; valid: auto, {_devices(here)}"
            f"{_reasons(here)}."
        )
    if chosen not in fitting:
        raise BackendError(
            f"ONNX Runtime has no provider {provider!r} on device {device!r} here; valid: auto, "
            f"{', '.join(fitting)}{_reasons(here)}."
        )
    return Choice(chosen, int(number or 0), provider != AUTO or kind != AUTO)


def _devices(here: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys("cpu" if name == "cpu" else "cuda:N" for name in here))


def _reasons(here: Sequence[str]) -> str:
    missing = [f"{name} {why}" for name, why in _PACKAGES.items() if name not in here]
    return f" ({'; '.join(missing)})" if missing else ""
