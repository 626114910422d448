"""What is evaluated: anything that takes a rainy pair and returns a derained one."""

from __future__ import annotations

from apanet_core.imaging.types import AnyPicture, ByteImage
from apanet_core.runtime.scaled import DerainViews

Views = tuple[ByteImage, ByteImage]
"""Left and right view: uint8 RGB `[H,W,3]`, rectified, one size."""

Derain = DerainViews
"""Takes left and right view, uint8 or uint16 RGB `[H,W,3]`, and returns them derained, alike."""


def derain_single(derain: Derain, picture: AnyPicture) -> AnyPicture:
    """Derain one picture, RGB `[H,W,3]`, given as both views; returns the left output."""
    left, _ = derain(picture, picture)
    return left
