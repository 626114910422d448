"""Where in a picture a training crop lies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from apanet_core.errors import ImageError

Size = tuple[int, int]
"""`(height, width)` in pixels."""
Window = tuple[slice, slice]
"""Rows and columns of a crop."""


def draw_window(size: Size, crop: Size, generator: np.random.Generator) -> Window:
    """Return where a crop lies in a picture at least as large."""
    top, start = (
        int(generator.integers(whole - part + 1)) for whole, part in zip(size, crop, strict=True)
    )
    return slice(top, top + crop[0]), slice(start, start + crop[1])


def check_crop(crop: Size, sizes: Iterable[tuple[str | Path, Size]]) -> None:
    """Make sure that pictures are at least as large as a crop.

    Args:
        crop: `(height, width)` in pixels.
        sizes: what to call each picture, and its size.

    Raises:
        ImageError: one is smaller; the message names the first.
    """
    for picture, (height, width) in sizes:
        if height < crop[0] or width < crop[1]:
            raise ImageError(
                f"{picture} of {width}x{height} is smaller than the crop of {crop[1]}x{crop[0]}: "
                "choose a smaller crop or take it out."
            )
