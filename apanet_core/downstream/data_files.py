"""The comparison as CSV and JSON, for other programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, fields

from apanet_core.downstream.figures import PairFigures
from apanet_core.downstream.results import Results, Row, summarise
from apanet_core.downstream.sequence import SequenceResults, Trajectory


def pairs_csv(results: Results) -> str:
    """Return a line for every pair in every condition; shares from 0 to 1, unknown ones empty."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    keys = [field.name for field in fields(PairFigures)]
    writer.writerow(["pair", "condition", "reference", *keys])
    for result in results.pairs:
        values = [getattr(result.figures, key) for key in keys]
        shown = ["" if math.isnan(value) else f"{value:.6g}" for value in values]
        writer.writerow([result.pair, result.condition, _reference(result.is_truth), *shown])
    return written.getvalue()


def as_json(results: Results, about: Sequence[tuple[str, str]]) -> str:
    """Return everything that was found; unknown figures are null."""
    content = {
        "about": _gathered(about),
        "conditions": list(results.conditions),
        "summary": [_summary(row) for row in summarise(results)],
        "pairs": [
            {
                "pair": result.pair,
                "condition": result.condition,
                "reference": _reference(result.is_truth),
                **asdict(result.figures),
            }
            for result in results.pairs
        ],
        "odometry": None if results.sequence is None else _sequence(results.sequence),
    }
    return json.dumps(_without_nan(content), indent=2, allow_nan=False) + "\n"


def _gathered(about: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the texts of each name; there may be several models."""
    return {name: [text for other, text in about if other == name] for name, _ in about}


def _summary(row: Row) -> dict[str, object]:
    definition = row.definition
    return {
        "figure": definition.key,
        "title": row.title,
        "better": definition.better.value,
        "means": row.means,
        "better_in": row.better,
        "judged": row.judged,
    }


def _sequence(sequence: SequenceResults) -> dict[str, object]:
    return {
        "reference": "truth" if sequence.is_truth else "clean",
        "way_m": sequence.way_m,
        "drift": {name: _odometry(found) for name, found in sequence.trajectories.items()},
    }


def _odometry(found: Trajectory) -> dict[str, object]:
    by_length = {
        str(length): {"translation": translation, "rotation_deg_per_m": rotation}
        for length, (translation, rotation) in found.drift.by_length.items()
    }
    return {
        **asdict(found.figures),
        "stretches": found.drift.stretches,
        "by_length_m": by_length,
    }


def _reference(is_truth: bool) -> str:
    return "truth" if is_truth else "clean"


def _without_nan(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nan(found) for key, found in value.items()}
    if isinstance(value, list):
        return [_without_nan(found) for found in value]
    return None if isinstance(value, float) and math.isnan(value) else value
