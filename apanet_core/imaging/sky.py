"""Where a daylight picture shows open sky."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.imaging.types import ByteImage

_FLAT_LEVELS = 14
"""Most that brightness may vary over the neighbourhood of a pixel of flat sky, levels of 255."""
_BLUER_THAN_RED = 10
_LEAST_BLUE_SKY = 90
_LEAST_WHITE_SKY = 225
_NEIGHBOURHOOD = np.ones((5, 5), np.uint8)
_FRINGE = np.ones((9, 9), np.uint8)


def sky_mask(image: ByteImage) -> NDArray[np.bool_]:
    """Find the sky by day: flat, blue or nearly white, and joined to the picture's upper border.

    Clouds with much texture and sky between leaves are missed; a flat white wall or a lamp that
    reaches the upper border is taken for sky.

    Args:
        image: uint8 RGB `[H,W,3]`.

    Returns:
        bool `[H,W]`.
    """
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    flat = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, _NEIGHBOURHOOD) <= _FLAT_LEVELS
    sky_like = _has_sky_colour(image, gray)
    open_sky = _joined_to_top(flat & sky_like)
    # Beside an outline nothing is flat: there the colour alone decides.
    fringe = cv2.dilate(open_sky.astype(np.uint8), _FRINGE) > 0
    return np.asarray(open_sky | (fringe & sky_like))


def _has_sky_colour(image: ByteImage, gray: ByteImage) -> NDArray[np.bool_]:
    red, blue = image[..., 0].astype(np.int16), image[..., 2].astype(np.int16)
    is_blue = (blue - red >= _BLUER_THAN_RED) & (gray >= _LEAST_BLUE_SKY)
    return np.asarray(is_blue | (image.min(axis=2) >= _LEAST_WHITE_SKY))


def _joined_to_top(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, regions = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    return np.asarray(mask & np.isin(regions, np.unique(regions[0])))
