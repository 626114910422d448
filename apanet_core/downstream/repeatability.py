"""Are keypoints found again where the clean picture has them?"""

from __future__ import annotations

import numpy as np

from apanet_core.downstream.keypoints import Points, mutually_nearest

SAME_PX = 2.0
"""Two keypoints at most this far apart are one."""


def repeatability(points: Points, reference: Points, largest_px: float = SAME_PX) -> float:
    """Return the share of the reference's keypoints that were found again.

    A keypoint is found again where one of `points` lies within `largest_px`, and the two are each
    other's nearest, so that no keypoint counts twice.

    Args:
        points: of the rainy or derained picture, `[N,2]`, pixels.
        reference: of the clean picture, `[M,2]`.

    Returns:
        0 to 1; NaN where the reference has no keypoint.
    """
    if not len(reference):
        return float("nan")
    columns, rows = (points[:, None, axis] - reference[None, :, axis] for axis in (0, 1))
    return len(mutually_nearest(np.hypot(columns, rows), largest_px)) / len(reference)
