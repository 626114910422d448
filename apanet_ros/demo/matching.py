"""Semi-global matching against the scene's true disparity: rainy, derained and clean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from apanet_core.downstream.compare import search_range
from apanet_core.downstream.disparity_error import DisparityError, disparity_error
from apanet_core.evaluation.quality import known_mean
from apanet_core.imaging.disparity import match_disparity
from apanet_core.imaging.types import FloatMap
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.demo.quality import Images, images_of

MOST_PAIRS = 5
"""Matched at most, spread over the drive: matching takes time, and neighbours look alike."""


@dataclass(frozen=True)
class Matching:
    """Means over the pairs that were matched."""

    pairs: int
    rainy: DisparityError
    derained: DisparityError
    clean: DisparityError


def compare_matching(clean: Sequence[StereoFrame], rainy: Images, derained: Images) -> Matching:
    """Match some of the pairs that were derained, and compare with the frames' true disparity."""
    wanted = [frame for frame in clean if (frame.stamp_ns, "left") in derained]
    places = np.linspace(0, len(wanted) - 1, min(MOST_PAIRS, len(wanted))).round().astype(int)
    chosen = [wanted[place] for place in places]
    errors = (
        [_error(images, frame) for frame in chosen]
        for images in (rainy, derained, images_of(chosen))
    )
    return Matching(len(chosen), *map(_mean, errors))


def _error(images: Images, frame: StereoFrame) -> DisparityError:
    left, right = (images[frame.stamp_ns, view] for view in ("left", "right"))
    truth = _known(frame)
    return disparity_error(match_disparity(left, right, search_range(truth, left.shape[1])), truth)


def _known(frame: StereoFrame) -> FloatMap:
    assert frame.disparity is not None, "the demo's scene has its true disparity"
    return np.where(np.isfinite(frame.disparity), frame.disparity, np.float32("nan"))


def _mean(errors: Sequence[DisparityError]) -> DisparityError:
    columns = ([getattr(error, field.name) for error in errors] for field in fields(DisparityError))
    return DisparityError(*map(known_mean, columns))
