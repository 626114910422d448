"""Structural similarity (Wang et al. 2004)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.metrics.checks import check_same

WINDOW = 11
SIGMA = 1.5


def ssim(image: NDArray[np.uint8], reference: NDArray[np.uint8]) -> float:
    """Return the mean structural similarity over pixels and channels; 1 for equal images.

    A Gaussian window of 11 with sigma 1.5 per channel, whole windows only, as in the paper's loss.

    Args:
        image, reference: uint8 `[H,W,3]` (or `[H,W]`), one shape, sides of at least 11.

    Raises:
        ImageError: shapes or types differ, or a side is shorter than the window.
    """
    check_same(image, reference)
    if min(image.shape[:2]) < WINDOW:
        raise ImageError(f"SSIM needs sides of at least {WINDOW} pixels, got {image.shape[:2]}.")
    x, y = (view.astype(np.float64) / 255 for view in (image, reference))
    mean_x, mean_y = _blur(x), _blur(y)
    var_x, var_y = _blur(x * x) - mean_x**2, _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (var_x + var_y + c2)
    return float(np.mean(luminance * structure))


def _blur(image: NDArray[np.float64]) -> NDArray[np.float64]:
    half = WINDOW // 2
    blurred = cv2.GaussianBlur(image, (WINDOW, WINDOW), SIGMA)
    return np.asarray(blurred[half:-half, half:-half], np.float64)
