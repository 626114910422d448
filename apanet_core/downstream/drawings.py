"""Disparities and feature matches as pictures."""

from __future__ import annotations

import cv2
import numpy as np

from apanet_core.downstream.keypoints import Points, detect_keypoints
from apanet_core.downstream.stereo_features import disparity_at, match_rows
from apanet_core.evaluation.derain import Views
from apanet_core.evaluation.stereo_matching import BAD_PX
from apanet_core.imaging.types import ByteImage, FloatMap

RIGHT, WRONG, UNKNOWN = (0, 158, 115), (213, 94, 0), (140, 140, 140)
"""Colours of correct and wrong matches, and of those that nobody can judge; RGB."""


def draw_disparity(disparity: FloatMap, between_px: tuple[float, float]) -> ByteImage:
    """Return a disparity, float32 `[H,W]`, in colours, RGB `[H,W,3]`.

    They go from blue at the first of `between_px` and under it to red at the second and over it;
    pixels without disparity are black.
    """
    known = np.isfinite(disparity)
    far, near = between_px
    levels = np.nan_to_num((disparity - far) / max(near - far, 1.0)).clip(0, 1) * 255
    colors = cv2.applyColorMap(levels.astype(np.uint8), cv2.COLORMAP_TURBO)
    picture = np.asarray(cv2.cvtColor(colors, cv2.COLOR_BGR2RGB), np.uint8)
    picture[~known] = 0
    return picture


def draw_errors(disparity: FloatMap, reference: FloatMap) -> ByteImage:
    """Return where a disparity is right (green), wrong by over 3 pixels (red) or missing (black).

    White: the reference knows nothing there. RGB `[H,W,3]`.
    """
    picture = np.zeros((*disparity.shape, 3), np.uint8)
    found = np.isfinite(disparity)
    wrong = found & ~(np.abs(disparity - reference) <= BAD_PX)
    picture[found] = RIGHT
    picture[wrong] = WRONG
    picture[~np.isfinite(reference)] = 255
    return picture


def draw_matches(views: Views, reference: FloatMap, largest_px: float) -> ByteImage:
    """Return the left view with a line from each matched keypoint to where the right one has it.

    Green lines agree with the reference disparity, red ones do not, grey ones cannot be judged.
    Matches have disparities up to `largest_px`.
    """
    left, right = (detect_keypoints(view) for view in views)
    first, second = match_rows(left, right, largest_px).T
    starts, ends = left.points[first], right.points[second]
    canvas = cv2.cvtColor(cv2.cvtColor(views[0], cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    picture = np.asarray(canvas // 2 + 96, np.uint8)
    for start, end, color in zip(starts, ends, _colors(starts, ends, reference), strict=True):
        place = tuple(np.rint(start).astype(int).tolist())
        cv2.line(picture, place, tuple(np.rint(end).astype(int).tolist()), color, 1, cv2.LINE_AA)
        cv2.circle(picture, place, 2, color, -1, cv2.LINE_AA)
    return picture


def _colors(starts: Points, ends: Points, reference: FloatMap) -> list[tuple[int, int, int]]:
    expected = disparity_at(reference, starts)
    errors = np.abs(starts[:, 0] - ends[:, 0] - expected)
    return [UNKNOWN if np.isnan(error) else RIGHT if error <= BAD_PX else WRONG for error in errors]
