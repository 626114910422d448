"""Disparity of a rectified pair: estimated, filled, seen from the right, and seen by both views.

Disparity is positive, in pixels: left column `x` shows what right column `x - disparity` shows.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.imaging.sky import sky_mask
from apanet_core.imaging.types import FloatMap, Picture
from apanet_core.imaging.white_level import eight_bits

OCCLUSION_PX = 1.0
"""A pixel is occluded where a surface nearer by more than this disparity covers its match."""
SKY_DISPARITY = 1 / 16
"""Of the sky, pixels: the matcher's smallest step, since 0 says that nothing is known."""


def estimate_disparity(left: Picture, right: Picture) -> FloatMap:
    """Estimate the left view's disparity with OpenCV's semi-global matcher.

    Args:
        left, right: uint8 or uint16 RGB `[H,W,3]`, rectified.

    Returns:
        float32 `[H,W]`, pixels, without holes (see `fill_disparity`): `SKY_DISPARITY` in the sky,
        0 where nothing matched.
    """
    matched, sky = match_disparity(left, right), sky_mask(eight_bits(left))
    # In a flat sky anything matches, most often what stands before it.
    matched[sky] = np.nan
    # Filling goes row by row; the median makes neighbouring rows agree.
    filled = cv2.medianBlur(fill_disparity(matched), 5)
    filled[sky] = SKY_DISPARITY
    return np.asarray(filled, np.float32)


def match_disparity(left: Picture, right: Picture, largest_px: float | None = None) -> FloatMap:
    """Match a pair with OpenCV's semi-global matcher and leave holes where it is not sure.

    Args:
        left, right: uint8 or uint16 RGB `[H,W,3]`, rectified.
        largest_px: disparity up to which to search; an eighth of the width by default.

    Returns:
        float32 `[H,W]`, pixels; NaN where nothing matched.
    """
    searched = _searched(left.shape[1], largest_px)
    matcher = cv2.StereoSGBM.create(
        numDisparities=searched,
        blockSize=5,
        P1=8 * 25,
        P2=32 * 25,
        disp12MaxDiff=1,
        uniquenessRatio=8,
        speckleWindowSize=100,
        speckleRange=2,
        mode=cv2.STEREO_SGBM_MODE_SGBM_3WAY,
    )
    # Without the border the matcher leaves the leftmost `searched` columns empty.
    views = [cv2.cvtColor(eight_bits(view), cv2.COLOR_RGB2GRAY) for view in (left, right)]
    views = [cv2.copyMakeBorder(view, 0, 0, searched, 0, cv2.BORDER_REPLICATE) for view in views]
    fixed_point = matcher.compute(*views)[:, searched:]
    return np.where(fixed_point < 0, np.nan, fixed_point / 16).astype(np.float32)


def fill_disparity(disparity: FloatMap) -> FloatMap:
    """Fill holes from the farther of the nearest valid neighbours in the row.

    Holes are mostly occlusions, which belong to the background.

    Args:
        disparity: float32 `[H,W]`, pixels; not finite or not positive where unknown.

    Returns:
        float32 `[H,W]`; a row without any valid value becomes 0.
    """
    valid = np.isfinite(disparity) & (disparity > 0)
    known = np.where(valid, disparity, 0).astype(np.float32)
    from_left = _carry_right(known, valid)
    from_right = _carry_right(known[:, ::-1], valid[:, ::-1])[:, ::-1]
    smaller = np.minimum(from_left, from_right)
    either = np.maximum(from_left, from_right)
    return np.where(valid, known, np.where(smaller > 0, smaller, either)).astype(np.float32)


def right_disparity(disparity: FloatMap) -> FloatMap:
    """Return the same scene's disparity as the right view sees it.

    Args:
        disparity: left view, float32 `[H,W]`, pixels, without holes.

    Returns:
        float32 `[H,W]`, pixels: each right pixel's nearest surface, holes filled.
    """
    targets = np.arange(disparity.shape[1])[None, :] - np.rint(disparity).astype(np.int64)
    return fill_disparity(_nearest_at(targets, disparity, targets >= 0))


def seen_by_both(disparity: FloatMap) -> NDArray[np.bool_]:
    """Return where the left view's pixels are known, inside the right view and not occluded there.

    Args:
        disparity: of the left view, float32 `[H,W]`, pixels; NaN where unknown.
    """
    known = np.isfinite(disparity)
    near = np.where(known, disparity, 0)
    columns = np.arange(disparity.shape[1])[None, :] - near
    inside = known & (columns >= 0)
    targets = np.rint(columns).astype(np.int64).clip(0)
    nearest = np.take_along_axis(_nearest_at(targets, near, inside), targets, axis=1)
    return np.asarray(inside & (nearest <= near + OCCLUSION_PX), np.bool_)


def _nearest_at(
    targets: NDArray[np.int64], disparity: FloatMap, seen: NDArray[np.bool_]
) -> FloatMap:
    """Return the largest of the seen disparities that fall on each column, -inf where none does."""
    rows = np.broadcast_to(np.arange(len(targets))[:, None], targets.shape)
    nearest = np.full(targets.shape, -np.inf, np.float32)
    np.maximum.at(nearest, (rows[seen], targets[seen]), disparity[seen])
    return nearest


def _searched(width: int, largest_px: float | None) -> int:
    """Return how many disparities to search, a multiple of 16 as the matcher wants it."""
    if largest_px is None:
        return 16 * max(1, round(width / 8 / 16))
    return 16 * (int(largest_px) // 16 + 1)


def _carry_right(values: FloatMap, valid: NDArray[np.bool_]) -> FloatMap:
    """Replace every invalid value by the last valid one on its left, or 0."""
    index = np.where(valid, np.arange(values.shape[1])[None, :], 0)
    return np.take_along_axis(values, np.maximum.accumulate(index, axis=1), axis=1)
