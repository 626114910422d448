"""Which torch device to compute on."""

from __future__ import annotations

import torch

from apanet_core.errors import BackendError


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
