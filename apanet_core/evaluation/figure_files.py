"""Every figure of a comparison for other programs: CSV and JSON."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from apanet_core.evaluation.comparison import MEASURES, Comparison, Record
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.protocol import Protocol
from apanet_core.evaluation.section import Section
from apanet_core.evaluation.trials import DRY

CSV_COLUMNS = ("method", "weather", "name", "view", *MEASURES)


def write_csv(found: Comparison, path: Path) -> None:
    """Write one line a method, picture and view; what was not measured is left empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(CSV_COLUMNS)
        lines.writerows(map(_cells, found.records))


def write_json(
    found: Comparison, protocol: Protocol, path: Path, sections: Sequence[Section] = ()
) -> None:
    """Write how it was measured, the methods, all means, and all figures; unknown ones are null.

    Each section's figures stand under its key.
    """
    content = {
        "protocol": dataclasses.asdict(protocol),
        "methods": [_described(method) for method in found.methods],
        "means": _means(found),
        "figures": [_row(record) for record in found.records],
        "worse": [dataclasses.asdict(row) for row in found.worse],
        "fits": [_known(dataclasses.asdict(fit)) for fit in found.fits],
    } | {section.key: list(map(_known, section.figures)) for section in sections}
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _cells(record: Record) -> list[str]:
    return ["" if value is None else str(value) for value in _row(record).values()]


def _row(record: Record) -> dict[str, Any]:
    return _known({name: getattr(record, name) for name in CSV_COLUMNS})


def _described(method: Method) -> dict[str, Any]:
    names = ("name", "description", "learned", "parameters", "gmacs")
    return {name: getattr(method, name) for name in names}


def _means(found: Comparison) -> list[dict[str, Any]]:
    """Return a row per method, weather and view; `null` stands for all of them, but dry."""
    dry = [DRY] if any(record.weather == DRY for record in found.records) else []
    return [
        {"method": method.name, "weather": weather, "view": view}
        | _known({name: found.mean(method.name, name, weather, view) for name in MEASURES})
        for method in found.methods
        for weather in (None, *found.weathers, *dry)
        for view in (None, *found.views)
    ]


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that JSON knows: NaN and infinity, of which it knows neither, become `None`."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }
