"""Which torch device to compute on, and how exactly."""

from __future__ import annotations

import torch

from apanet_core.errors import BackendError
from apanet_core.runtime.options import AUTO, PRECISIONS


def resolve_device(device: str) -> str:
    """Return the torch device of a name; `auto` takes the GPU where there is one.

    Args:
        device: `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises:
        BackendError: the name is unknown or the GPU is not there; the message lists what is.
    """
    here = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if device == "auto":
        return here[1] if len(here) > 1 else "cpu"
    wanted = "cuda:0" if device == "cuda" else device
    if wanted in here:
        return wanted
    raise BackendError(f"No device {device!r} here; valid: auto, {', '.join(here)}.")


def resolve_precision(precision: str, device: str) -> str:
    """Return the precision of a name; `auto` takes bfloat16 where a GPU computes with it.

    Args:
        precision: `auto`, `float32`, `bfloat16` or `float16`.
        device: as `resolve_device` returns it.

    Raises:
        BackendError: the device does not compute with it; the message lists what it can and why
            it cannot do the others.
    """
    refused = _refused_precisions(device)
    if precision == AUTO:
        return "float32" if device == "cpu" or "bfloat16" in refused else "bfloat16"
    if precision not in refused:
        return precision
    here = ", ".join(name for name in PRECISIONS if name not in refused)
    why = "; ".join(f"{name} {reason}" for name, reason in refused.items())
    raise BackendError(f"No precision {precision!r} on {device}; valid: auto, {here} ({why}).")


def _refused_precisions(device: str) -> dict[str, str]:
    """Return which precisions a device does without, and why."""
    if device == "cpu":
        return {"float16": "takes a CPU many times longer than float32"}
    if torch.cuda.get_device_capability(device) < (8, 0):
        return {"bfloat16": "needs a GPU of compute capability 8.0 or more"}
    return {}
