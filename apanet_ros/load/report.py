"""A load test's measurement, as text to read and as JSON to keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apanet_core.output_files import replaced
from apanet_core.streaming.statistics import Stage, percentile
from apanet_ros.load.measurement import LoadMeasurement, promises

_FRACTIONS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_STAGES = {
    Stage.WAIT: "waiting for the worker",
    Stage.READ: "messages to RGB",
    Stage.INFER: "the network, both views",
    Stage.WRITE: "RGB to messages",
    Stage.PUBLISH: "handing over to DDS",
    Stage.AGE: "age: from the stamp to publication",
}


def rows_ms(run: LoadMeasurement) -> dict[str, dict[str, float]]:
    """Return p50, p95 and p99 in milliseconds of each stretch of a pair's way, in its order."""
    stages = {
        meaning: [times[stage] for times in run.times if stage in times]
        for stage, meaning in _STAGES.items()
    }
    stretches = {
        "from the stamp until both images are here": run.transports,
        **stages,
        "of that, between the stages": run.rests,
        "overhead: age less the network": run.overheads,
        "delivered to a subscriber": run.delivered,
    }
    return {name: _percentiles_ms(seconds) for name, seconds in stretches.items()}


def as_text(run: LoadMeasurement) -> str:
    """Return a measurement as Markdown that also reads well on a terminal."""
    width = max(map(len, rows_ms(run)))
    rows = [
        f"| {name:<{width}} | " + " | ".join(f"{ms[key]:>8.1f}" for key in _FRACTIONS) + " |"
        for name, ms in rows_ms(run).items()
    ]
    steps = ", ".join(
        f"{count} at {1000 * seconds:.0f} ms"
        for seconds, count in zip(run.step_times, run.derained_at, strict=True)
    )
    return "\n".join(
        [
            f"{run.sent} pairs in {run.seconds:.0f} s ({run.rate:.2f} Hz); budget "
            f"{1000 * run.budget:.0f} ms; derained by operating point: {steps}.",
            "",
            f"| {'milliseconds':<{width}} |      p50 |      p95 |      p99 |",
            f"|{'-' * (width + 2)}|" + "|".join(f"{'-' * 9}:" for _ in _FRACTIONS) + "|",
            *rows,
            "",
            *(f"{'kept  ' if p.kept else 'BROKEN'}  {p.name}: {p.figures}" for p in promises(run)),
        ]
    )


def save(path: Path, runs: Sequence[LoadMeasurement], machine: str, commit: str) -> None:
    """Write measurements as JSON, aside first and then renamed."""
    values = {"machine": machine, "commit": commit, "runs": [_values(run) for run in runs]}
    with replaced(path) as aside:
        aside.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def _values(run: LoadMeasurement) -> dict[str, Any]:
    return {
        "rate_hz": run.rate,
        "sent": run.sent,
        "seconds": run.seconds,
        "budget_ms": 1000 * run.budget,
        "operating_points_ms": [1000 * seconds for seconds in run.step_times],
        "derained_at": list(run.derained_at),
        "milliseconds": rows_ms(run),
        "ages_ms": [round(1000 * age, 3) for age in run.ages],
        "memory_mb": list(run.memory_mb),
        "counters": dict(run.counters),
        "promises": {p.name: {"kept": p.kept, "figures": p.figures} for p in promises(run)},
    }


def _percentiles_ms(seconds: Sequence[float]) -> dict[str, float]:
    return {key: 1000 * percentile(seconds, fraction) for key, fraction in _FRACTIONS.items()}
