"""Keypoints of the left view matched with those of the right: how many, and how many rightly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apanet_core.downstream.keypoints import (
    Indices,
    Keypoints,
    Points,
    differing_bits,
    mutually_nearest,
)
from apanet_core.evaluation.stereo_matching import BAD_PX
from apanet_core.imaging.types import FloatMap

ROW_PX = 2.0
"""Rectified views show a point in one row; keypoints of coarse scales are off by this much."""
ALIKE_BITS = 64
"""Descriptors that differ in more of their 256 bits show different things."""


@dataclass(frozen=True)
class FeatureMatches:
    """Matched keypoints of one pair.

    Attributes:
        count: how many were matched.
        judged: how many of them lie where the reference disparity is known.
        correct: how many of those agree with it within 3 pixels.
    """

    count: int
    judged: int
    correct: int

    @property
    def precision(self) -> float:
        """Share of the judged matches that are correct; NaN where none could be judged."""
        return self.correct / self.judged if self.judged else float("nan")


def match_rows(left: Keypoints, right: Keypoints, largest_px: float) -> Indices:
    """Match keypoints by descriptor, in a row and at disparities from 0 to the largest, `[M,2]`."""
    columns, rows = (left.points[:, None, i] - right.points[None, :, i] for i in (0, 1))
    possible = (np.abs(rows) <= ROW_PX) & (columns >= 0) & (columns <= largest_px)
    bits = differing_bits(left.descriptors, right.descriptors)
    return mutually_nearest(np.where(possible, bits, np.inf), ALIKE_BITS)


def judge_matches(left: Points, right: Points, disparity: FloatMap) -> FeatureMatches:
    """Compare matches with a disparity.

    Args:
        left, right: positions of the matched keypoints, `[N,2]` each, pixels.
        disparity: true or clean one of the left view, float32 `[H,W]`; not finite where unknown.
    """
    expected = disparity_at(disparity, left)
    known = np.isfinite(expected)
    error = np.abs(left[known, 0] - right[known, 0] - expected[known])
    return FeatureMatches(len(left), int(known.sum()), int((error <= BAD_PX).sum()))


def disparity_at(disparity: FloatMap, points: Points) -> NDArray[np.float32]:
    """Return the disparity of the pixel nearest to each point, `[N]`; points lie in the picture."""
    columns, rows = np.rint(points).astype(np.intp).T
    height, width = disparity.shape
    found = disparity[rows.clip(0, height - 1), columns.clip(0, width - 1)]
    return np.asarray(found, np.float32)
