"""Luma, on which deraining papers measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError

WEIGHTS = np.array([65.481, 128.553, 24.966]) / 255
BLACK = 16


def luma(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the Y of ITU-R BT.601 in studio swing: 16 for black, 235 for white.

    Rounded, as MATLAB's `rgb2ycbcr` returns it of a uint8 picture, so `psnr` and `ssim` of two
    lumas are what the papers' scripts compute.

    Args:
        image: uint8 RGB `[H,W,3]`.

    Returns:
        uint8 `[H,W]`.

    Raises:
        ImageError: the picture is no uint8 `[H,W,3]`.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ImageError(f"Luma needs uint8 RGB [H,W,3], got {image.dtype} {list(image.shape)}.")
    # Halves are rounded up, as MATLAB rounds them.
    return np.floor(image @ WEIGHTS + (BLACK + 0.5)).astype(np.uint8)
