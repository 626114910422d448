"""What is evaluated: anything that takes a rainy pair and returns a derained one."""

from __future__ import annotations

from collections.abc import Callable

from apanet_core.imaging.types import ByteImage

Views = tuple[ByteImage, ByteImage]
"""Left and right view: uint8 RGB `[H,W,3]`, rectified, one size."""

Derain = Callable[[ByteImage, ByteImage], Views]
"""Takes left and right view, uint8 RGB `[H,W,3]`, and returns them derained, of the same size."""


def derain_single(derain: Derain, picture: ByteImage) -> ByteImage:
    """Derain one picture, uint8 RGB `[H,W,3]`, given as both views; returns the left output."""
    left, _ = derain(picture, picture)
    return left
