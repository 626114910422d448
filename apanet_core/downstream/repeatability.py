"""Are keypoints found again where the clean picture has them?"""

from __future__ import annotations

import numpy as np

from apanet_core.downstream.keypoints import Points

SAME_PX = 2.0
"""A keypoint at most this far from another may be the same."""


def repeatability(points: Points, reference: Points, largest_px: float = SAME_PX) -> float:
    """Return the share of the reference's keypoints that have one of `points` within `largest_px`.

    Args:
        points: of the rainy or derained picture, `[N,2]`, pixels.
        reference: of the clean picture, `[M,2]`.

    Returns:
        0 to 1; NaN where the reference has no keypoint.
    """
    if not len(reference):
        return float("nan")
    if not len(points):
        return 0.0
    columns, rows = (reference[:, None, axis] - points[None, :, axis] for axis in (0, 1))
    nearest = np.hypot(columns, rows).min(axis=1)
    return float((nearest <= largest_px).mean())
