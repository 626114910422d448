"""All figures of one pair in one condition."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

import numpy as np

from apanet_core.downstream.disparity_error import disparity_error
from apanet_core.downstream.figures import PairFigures
from apanet_core.downstream.keypoints import Keypoints, detect_keypoints
from apanet_core.downstream.repeatability import repeatability
from apanet_core.downstream.stereo_features import judge_matches, match_rows
from apanet_core.downstream.texture import texture_ratio
from apanet_core.evaluation.consistency import view_difference
from apanet_core.evaluation.derain import Views
from apanet_core.imaging.types import FloatMap


@dataclass(frozen=True)
class Reference:
    """What a pair is compared with.

    Attributes:
        views: the clean pair.
        keypoints: of its two views.
        disparity: the true one, or that of the clean pair; NaN where unknown.
        is_truth: which of the two.
        largest_px: the largest disparity to look for.
    """

    views: Views
    keypoints: tuple[Keypoints, Keypoints]
    disparity: FloatMap
    is_truth: bool
    largest_px: float


def reference_of(
    clean: Views, disparity: FloatMap, truth: FloatMap | None, largest_px: float
) -> Reference:
    """Return the reference: the clean pair, and the truth where known, else its own disparity."""
    left, right = (detect_keypoints(view) for view in clean)
    if truth is None:
        return Reference(clean, (left, right), disparity, False, largest_px)
    known = np.where(np.isfinite(truth), truth, np.float32("nan"))
    return Reference(clean, (left, right), known, True, largest_px)


def measure_pair(views: Views, disparity: FloatMap, reference: Reference) -> PairFigures:
    """Compare a pair with the reference.

    Args:
        views: rainy, derained or clean, uint8 RGB `[H,W,3]`.
        disparity: that `match_disparity` found in them, float32 `[H,W]`, NaN where nothing.
        reference: of the same size.
    """
    error = disparity_error(disparity, reference.disparity)
    left, right = (detect_keypoints(view) for view in views)
    first, second = match_rows(left, right, reference.largest_px).T
    matches = judge_matches(left.points[first], right.points[second], reference.disparity)
    again = [
        repeatability(found.points, wanted.points)
        for found, wanted in zip((left, right), reference.keypoints, strict=True)
    ]
    textures = [texture_ratio(*pair) for pair in zip(views, reference.views, strict=True)]
    return PairFigures(
        bad=error.bad,
        wrong=error.wrong,
        end_point_px=error.end_point_px,
        density=error.density,
        keypoints=fmean(len(found.points) for found in (left, right)),
        repeatability=fmean(again),
        matches=matches.count,
        correct=matches.correct,
        precision=matches.precision,
        texture=fmean(textures),
        view_difference=view_difference(views, reference.disparity),
    )
