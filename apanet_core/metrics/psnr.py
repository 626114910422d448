"""Peak signal-to-noise ratio."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from apanet_core.metrics.checks import check_same


def psnr(image: NDArray[np.uint8], reference: NDArray[np.uint8]) -> float:
    """Return the peak signal-to-noise ratio in dB; infinite for equal images.

    Args:
        image, reference: uint8 `[H,W,3]` (or `[H,W]`), one shape.

    Raises:
        ImageError: shapes or types differ.
    """
    check_same(image, reference)
    error = np.mean((image.astype(np.float64) - reference) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)
