"""What a comparison found, pair by pair, and its means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from apanet_core.downstream.figures import (
    DRIFT_DEFINITIONS,
    PAIR_DEFINITIONS,
    Better,
    Definition,
    PairFigures,
)
from apanet_core.downstream.sequence import SequenceResults
from apanet_core.evaluation.quality import known_mean

RAINY, CLEAN = "rainy", "clean"


@dataclass(frozen=True)
class PairResult:
    """One pair in one condition; `is_truth` tells what disparity it was compared with."""

    pair: str
    condition: str
    is_truth: bool
    figures: PairFigures


@dataclass(frozen=True)
class Results:
    """All of a comparison.

    Attributes:
        conditions: "rainy", the models and "clean".
        pairs: every pair in every condition.
        sequence: what only a sequence shows; None where no sequence was followed.
    """

    conditions: tuple[str, ...]
    pairs: Sequence[PairResult]
    sequence: SequenceResults | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The conditions that are derained."""
        return self.conditions[1:-1]

    def of(self, condition: str) -> list[PairResult]:
        """Return the pairs of one condition, in order."""
        return [result for result in self.pairs if result.condition == condition]


@dataclass(frozen=True)
class Row:
    """One figure over all conditions.

    Attributes:
        definition: of the figure.
        title: its name, with what it was compared with where that differs between pairs.
        means: by condition.
        better, judged: by model, in how many pairs its value is better than in rain, of how many
            where they differ or are alike; a trajectory counts as one.
    """

    definition: Definition
    title: str
    means: dict[str, float]
    better: dict[str, int]
    judged: int

    def worse(self, model: str) -> bool:
        """Return whether the mean is worse after deraining than in rain."""
        cost = self.definition.cost
        judged = self.definition.better is not Better.NEITHER
        return judged and cost(self.means[model]) > cost(self.means[RAINY])


def summarise(results: Results) -> list[Row]:
    """Return a row for every figure that was measured."""
    return [*_pair_rows(results), *_drift_rows(results)]


def _pair_rows(results: Results) -> list[Row]:
    kinds = {result.is_truth for result in results.pairs}
    rows = []
    for definition in PAIR_DEFINITIONS:
        against = definition.key in ("bad", "wrong", "end_point_px")
        # Errors against different references have no common mean.
        for is_truth in sorted(kinds, reverse=True) if against else [None]:
            title = definition.title
            if is_truth is not None:
                title += " against the truth" if is_truth else " against clean"
            values = {
                name: [
                    getattr(result.figures, definition.key)
                    for result in results.of(name)
                    if is_truth in (None, result.is_truth)
                ]
                for name in results.conditions
            }
            rows.append(_row(definition, title, values, results.models))
    return [row for row in rows if not math.isnan(row.means[CLEAN])]


def _drift_rows(results: Results) -> list[Row]:
    if results.sequence is None:
        return []
    found = {name: results.sequence.trajectories[name].figures for name in results.conditions}
    return [
        _row(
            definition,
            definition.title,
            {name: [getattr(figures, definition.key)] for name, figures in found.items()},
            results.models,
        )
        for definition in DRIFT_DEFINITIONS
    ]


def _row(
    definition: Definition, title: str, values: dict[str, list[float]], models: Sequence[str]
) -> Row:
    means = {name: known_mean(found) for name, found in values.items()}
    costs = {name: [definition.cost(value) for value in found] for name, found in values.items()}
    # A comparison with NaN, which is unknown, counts nothing.
    better = {
        model: sum(
            derained < rainy for derained, rainy in zip(costs[model], costs[RAINY], strict=True)
        )
        for model in models
    }
    judged = sum(not math.isnan(cost) for cost in costs[RAINY])
    return Row(definition, title, means, better, judged)
