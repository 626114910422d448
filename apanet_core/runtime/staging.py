"""Pictures to a torch device and back: bytes travel, numbers are made where they are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from apanet_core.imaging.types import AnyPicture
from apanet_core.imaging.white_level import full_scale

KINDS = {"uint8": torch.uint8, "uint16": torch.uint16}


class Staging:
    """Host memory that a GPU copies from and to by itself, kept for the last kind of picture.

    Args:
        device: that computes; for a CPU the memory is ordinary.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._incoming, self._outgoing = (torch.empty(0, dtype=torch.uint8) for _ in "io")

    def upload(self, left: AnyPicture, right: AnyPicture) -> tuple[Tensor, Tensor]:
        """Return uint8 or uint16 `[H,W,3]` views as float32 `[1,3,H,W]` in [0, 1] on the device.

        Returns before a GPU has them; they are there for what it is given next.
        """
        shape, kind = torch.Size((2, *left.shape)), KINDS[left.dtype.name]
        if (self._incoming.shape, self._incoming.dtype) != (shape, kind):
            self._incoming, self._outgoing = (self._memory(shape, kind) for _ in "io")
        for place, view in zip(self._incoming.numpy(), (left, right), strict=True):
            np.copyto(place, view)
        pixels = self._incoming.to(self._device, non_blocking=True)
        numbers = pixels.permute(0, 3, 1, 2).float().div_(full_scale(left))
        return numbers[:1], numbers[1:]

    def download(self, views: Sequence[Tensor]) -> tuple[Any, Any]:
        """Return float `[1,3,H,W]` on the device as new `[H,W,3]` of the type of the last upload.

        Waits for the device.
        """
        kind = self._outgoing.dtype
        scaled = torch.cat(list(views)).clamp_(0, 1).mul_(torch.iinfo(kind).max).round_()
        self._outgoing.copy_(scaled.to(kind).permute(0, 2, 3, 1), non_blocking=True)
        if self._device.type == "cuda":
            torch.cuda.current_stream(self._device).synchronize()
        left, right = self._outgoing.numpy().copy()
        return left, right

    def _memory(self, shape: torch.Size, kind: torch.dtype) -> Tensor:
        return torch.empty(shape, dtype=kind, pin_memory=self._device.type == "cuda")
