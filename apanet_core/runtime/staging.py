"""Pictures to a torch device and back: bytes travel, numbers are made where they are used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from apanet_core.imaging.types import ByteImage


class Staging:
    """Host memory that a GPU copies from and to by itself, kept for the last size of picture.

    Args:
        device: that computes; for a CPU the memory is ordinary.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._incoming, self._outgoing = (torch.empty(0, dtype=torch.uint8) for _ in "io")

    def upload(self, left: ByteImage, right: ByteImage) -> tuple[Tensor, Tensor]:
        """Return uint8 `[H,W,3]` views as float32 `[1,3,H,W]` in [0, 1] on the device.

        Returns before a GPU has them; they are there for what it is given next.
        """
        shape = torch.Size((2, *left.shape))
        if self._incoming.shape != shape:
            self._incoming, self._outgoing = (self._memory(shape) for _ in "io")
        for place, view in zip(self._incoming.numpy(), (left, right), strict=True):
            np.copyto(place, view)
        pixels = self._incoming.to(self._device, non_blocking=True)
        numbers = pixels.permute(0, 3, 1, 2).float().div_(255)
        return numbers[:1], numbers[1:]

    def download(self, views: Sequence[Tensor]) -> tuple[ByteImage, ByteImage]:
        """Return float `[1,3,H,W]` on the device as new uint8 `[H,W,3]`; waits for the device."""
        pixels = torch.cat(list(views)).clamp_(0, 1).mul_(255).round_().to(torch.uint8)
        self._outgoing.copy_(pixels.permute(0, 2, 3, 1), non_blocking=True)
        if self._device.type == "cuda":
            torch.cuda.current_stream(self._device).synchronize()
        left, right = self._outgoing.numpy().copy()
        return left, right

    def _memory(self, shape: torch.Size) -> Tensor:
        return torch.empty(shape, dtype=torch.uint8, pin_memory=self._device.type == "cuda")
