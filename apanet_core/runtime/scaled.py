"""Deraining at a fraction of the image's size, for a fraction of the time."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage

DerainViews = Callable[[ByteImage, ByteImage], tuple[ByteImage, ByteImage]]

_SHORTEST_SIDE = 16


def derain_scaled(
    derain: DerainViews, left: ByteImage, right: ByteImage, scale: float
) -> tuple[ByteImage, ByteImage]:
    """Derain a smaller copy of a pair, and take from the pair what was taken from the copy.

    What the network changed is enlarged and added to the full picture, which keeps the detail that
    the copy lost: on rendered rain that is 2 to 6 dB better than enlarging the derained copy.

    Args:
        derain: derains uint8 RGB `[h,w,3]` views of one size.
        left, right: uint8 RGB `[H,W,3]`, one size.
        scale: side of the copy over that of the picture, above 0; 1 derains the pair itself.

    Returns:
        New arrays of the pair's own size.
    """
    if scale == 1.0:
        return derain(left, right)
    small_left, small_right = _shrunk(left, scale), _shrunk(right, scale)
    clean_left, clean_right = derain(small_left, small_right)
    return _changed(left, small_left, clean_left), _changed(right, small_right, clean_right)


def _shrunk(image: ByteImage, scale: float) -> ByteImage:
    height, width = (max(_SHORTEST_SIDE, round(side * scale)) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _changed(image: ByteImage, small: ByteImage, clean: ByteImage) -> ByteImage:
    difference = cv2.subtract(clean, small, dtype=cv2.CV_16S)
    height, width = image.shape[:2]
    difference = cv2.resize(difference, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(image, difference, dtype=cv2.CV_8U), np.uint8)
