"""What every metric asks of its two images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError


def check_same(image: NDArray[np.uint8], reference: NDArray[np.uint8]) -> None:
    """Raise `ImageError` unless both are uint8 of one shape."""
    if image.dtype != np.uint8 or reference.dtype != np.uint8:
        raise ImageError(f"Metrics take uint8 images, got {image.dtype} and {reference.dtype}.")
    if image.shape != reference.shape:
        raise ImageError(f"The images differ in shape: {image.shape} and {reference.shape}.")
