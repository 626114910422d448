"""The comparison: every pair rainy, derained and clean through all that comes after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from apanet_core.downstream.figures import PairFigures
from apanet_core.downstream.measure_pair import Reference, measure_pair, reference_of
from apanet_core.downstream.pairs import RainyPair
from apanet_core.downstream.results import CLEAN, RAINY, PairResult, Results
from apanet_core.downstream.sequence import SequenceMeasurement
from apanet_core.evaluation.derain import Derain, Views
from apanet_core.imaging.disparity import match_disparity
from apanet_core.imaging.types import FloatMap


@dataclass(frozen=True)
class ComparedPair:
    """One pair in all conditions, for whoever wants to show it.

    Attributes:
        name: of the pair.
        views: by condition, uint8 RGB `[H,W,3]` each.
        disparities: that were found in them, float32 `[H,W]`, NaN where nothing matched.
        reference: what they were compared with.
        figures: by condition.
    """

    name: str
    views: Mapping[str, Views]
    disparities: Mapping[str, FloatMap]
    reference: Reference
    figures: Mapping[str, PairFigures]


Show = Callable[[ComparedPair], None]


def compare(
    pairs: Iterable[RainyPair],
    models: Mapping[str, Derain],
    largest_px: float | None = None,
    sequence: SequenceMeasurement | None = None,
    show: Show | None = None,
) -> Results:
    """Derain every pair with every model and measure what the pairs are good for.

    Args:
        pairs: read one at a time; one at least.
        models: by name, none of them "rainy" or "clean".
        largest_px: disparity up to which to match; by default an eighth of the width, and no less
            than the true disparity where it is known.
        sequence: follows the pairs as frames of one sequence; None where they are none.
        show: is shown every pair with all that was found.
    """
    found: list[PairResult] = []
    for pair in pairs:
        compared = compare_pair(pair, models, largest_px)
        if sequence is not None:
            compared = _with_flicker(compared, sequence)
        found += [
            PairResult(pair.name, name, compared.reference.is_truth, figures)
            for name, figures in compared.figures.items()
        ]
        if show is not None:
            show(compared)
    followed = None if sequence is None else sequence.results()
    return Results((RAINY, *models, CLEAN), found, followed)


def compare_pair(
    pair: RainyPair, models: Mapping[str, Derain], largest_px: float | None = None
) -> ComparedPair:
    """Measure one pair in all conditions; arguments as `compare`."""
    clean, truth = (pair.clean.left, pair.clean.right), pair.clean.disparity
    derained = {name: derain(*pair.rainy) for name, derain in models.items()}
    views = {RAINY: pair.rainy, **derained, CLEAN: clean}
    if largest_px is None:
        largest_px = search_range(truth, clean[0].shape[1])
    disparities = {name: match_disparity(*both, largest_px) for name, both in views.items()}
    reference = reference_of(clean, disparities[CLEAN], truth, largest_px)
    figures = {
        name: measure_pair(both, disparities[name], reference) for name, both in views.items()
    }
    return ComparedPair(pair.name, views, disparities, reference, figures)


def search_range(truth: FloatMap | None, width: int) -> float:
    """Return up to which disparity to look: an eighth of the width, or the true one's largest."""
    known = np.zeros(1) if truth is None else np.nan_to_num(truth, posinf=0.0, neginf=0.0)
    return max(width / 8, float(known.max()))


def _with_flicker(pair: ComparedPair, sequence: SequenceMeasurement) -> ComparedPair:
    flicker = sequence.advance(pair.views, pair.disparities)
    figures = {
        name: replace(found, flicker=flicker.get(name, found.flicker))
        for name, found in pair.figures.items()
    }
    return replace(pair, figures=figures)
