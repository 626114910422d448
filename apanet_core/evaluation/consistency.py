"""Do the two views still show one scene? The right view, seen from the left, against the left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Views
from apanet_core.imaging.disparity import seen_by_both
from apanet_core.imaging.types import ByteImage, FloatMap


def view_difference(views: Views, disparity: FloatMap) -> float:
    """Return the mean absolute difference of the views where both see the same surface.

    The right view is warped to the left by the disparity. Take the disparity of the *clean* pair
    for clean, rainy and derained views alike, so that only the colours differ.

    Args:
        views: left and right, uint8 RGB `[H,W,3]`.
        disparity: of the left view, float32 `[H,W]`, pixels; NaN where unknown.

    Returns:
        Levels of 0 to 255, mean over channels and over the pixels of `seen_by_both`; NaN where no
        pixel is seen by both.

    Raises:
        ImageError: the disparity's size differs from the views'.
    """
    left, right = views
    if not left.shape[:2] == right.shape[:2] == disparity.shape:
        raise ImageError(
            f"Views of {left.shape[:2]} and {right.shape[:2]} need a disparity of that size, got "
            f"{disparity.shape}."
        )
    seen = seen_by_both(disparity)
    if not seen.any():
        return float("nan")
    difference = np.abs(warp_to_left(right, disparity) - left.astype(np.float32))
    return float(difference[seen].mean())


def warp_to_left(right: ByteImage, disparity: FloatMap) -> NDArray[np.float32]:
    """Return the right view as the left one sees it, float32 `[H,W,3]`, 0 to 255.

    Columns between pixels are interpolated. What lies at an unknown disparity is not meaningful.
    """
    height, width = disparity.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    source = columns - np.nan_to_num(disparity)
    warped = cv2.remap(right.astype(np.float32), source, rows, cv2.INTER_LINEAR)
    return np.asarray(warped, np.float32)
