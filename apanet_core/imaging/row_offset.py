"""How far apart the rows of a pair lie that should be one: zero when the pair is rectified."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import eight_bits

_WIDTH_LOOKED_AT = 640
# ORB fails on pictures that its smallest scale makes vanish.
_SMALLEST_SIDE = 16
_POINTS = 800
_MATCHES_NEEDED = 25
# Hamming distance of 256 bits below which two ORB descriptors show one thing.
_ALIKE = 40
# Matches this far apart, as parts of the picture's sides, are wrong.
_LARGEST_DISPARITY = 0.3
_LARGEST_OFFSET = 0.15


@dataclass(frozen=True)
class RowOffset:
    """How matched points of a pair differ.

    Attributes:
        pixels: median vertical distance, pixels.
        matches: how many points were matched.
        disparity: median column in the left picture minus that in the right one, pixels; negative
            where the views are exchanged.
    """

    pixels: float
    matches: int
    disparity: float


def row_offset(left: Picture, right: Picture) -> RowOffset | None:
    """Measure how far matched points of a pair differ in their row.

    Args:
        left, right: uint8 or uint16 RGB `[H,W,3]` of one size.

    Returns:
        The median of the absolute differences; None where too few points match to tell.
    """
    scale = min(1.0, _WIDTH_LOOKED_AT / left.shape[1])
    if min(left.shape[:2]) * scale < _SMALLEST_SIDE:
        return None
    points, partners = _matched_points(_small_gray(left, scale), _small_gray(right, scale))
    distance = points - partners
    height, width = left.shape[0] * scale, left.shape[1] * scale
    plausible = (np.abs(distance[:, 0]) <= _LARGEST_DISPARITY * width) & (
        np.abs(distance[:, 1]) <= _LARGEST_OFFSET * height
    )
    matches = int(plausible.sum())
    if matches < _MATCHES_NEEDED:
        return None
    across, down = distance[plausible].T
    return RowOffset(
        pixels=float(np.median(np.abs(down))) / scale,
        matches=matches,
        disparity=float(np.median(across)) / scale,
    )


def _small_gray(picture: Picture, scale: float) -> ByteImage:
    gray = np.asarray(cv2.cvtColor(eight_bits(picture), cv2.COLOR_RGB2GRAY), np.uint8)
    if scale == 1.0:
        return gray
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _matched_points(
    left: ByteImage, right: ByteImage
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Positions `[N,2]` (column, row) of points that are each other's best match."""
    orb = cv2.ORB.create(nfeatures=_POINTS, fastThreshold=10)
    left_points, left_codes = orb.detectAndCompute(left, None)
    right_points, right_codes = orb.detectAndCompute(right, None)
    if not left_points or not right_points:
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    matches = [
        match
        for match in cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(left_codes, right_codes)
        if match.distance <= _ALIKE
    ]
    return (
        np.array([left_points[match.queryIdx].pt for match in matches], np.float32).reshape(-1, 2),
        np.array([right_points[match.trainIdx].pt for match in matches], np.float32).reshape(-1, 2),
    )
