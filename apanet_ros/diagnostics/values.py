"""The figures of a report, as text by name; docs/ros_interface.md explains each."""

from __future__ import annotations

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import Outcome
from apanet_ros.diagnostics.reading import Change, Identity
from apanet_ros.notes import (
    OUT_OF_MEMORY,
    PROBE,
    PUBLISHED,
    PUBLISHED_LATE,
    WITHOUT_CAMERA_INFO,
    derained_at,
)

_PASSED = (
    Outcome.PASSED_OVER_BUDGET,
    Outcome.PASSED_NO_MEMORY,
    Outcome.PASSED_DRY,
    Outcome.PASSED_DISABLED,
)
_NOTES = (PUBLISHED, PUBLISHED_LATE, WITHOUT_CAMERA_INFO, PROBE, OUT_OF_MEMORY)


def input_values(since: Change) -> dict[str, str]:
    """What came in."""
    values: dict[str, str] = {}
    for side in Side:
        counts = since.now.input.frames[side]
        values |= {f"{side.value}_{key}": str(number) for key, number in vars(counts).items()}
        values[f"{side.value}_rate_hz"] = since.rate(since.received(side))
        values[f"{side.value}_camera_infos"] = str(since.now.input.camera_infos[side])
    values["stamp_jumps"] = str(since.now.input.stamp_jumps)
    values["slop_ms"] = _milliseconds(since.now.slop)
    skew = since.now.input.waiting_skew
    values["waiting_skew_ms"] = "" if skew is None else _milliseconds(skew / 1e9)
    skews = since.now.input.skews
    values["skew_ms_median"] = _milliseconds(skews.median / 1e9)
    values |= {f"skew_ms_{name}": str(number) for name, number in skews.bins.items()}
    values["awaiting_camera_info"] = str(since.now.input.awaiting_camera_info)
    values["lacking_camera_info"] = str(since.now.input.lacking_camera_info)
    offset = since.now.row_offset
    values["row_offset_px"] = "" if offset is None else f"{offset:.2f}"
    return values


def pair_values(since: Change) -> dict[str, str]:
    """What became of the pairs, and how long that took."""
    pairs = since.now.pairs
    values = {"paired": str(pairs.entered), "in_flight": str(pairs.in_flight)}
    values |= {outcome.value: str(number) for outcome, number in pairs.outcomes.items()}
    values["passed_through"] = str(sum(pairs.outcomes[outcome] for outcome in _PASSED))
    values |= {note: str(pairs.notes.get(note, 0)) for note in _NOTES}
    values["missed_deadlines"] = str(since.now.missed_deadlines)
    values["rate_in_hz"] = since.rate(since.paired)
    values["rate_out_hz"] = since.rate(since.noted(PUBLISHED))
    values["budget_ms"] = _milliseconds(since.now.budget)
    for stage, times in pairs.times.items():
        for key, seconds in vars(times).items():
            values[f"{stage.value}_ms_{key}"] = _milliseconds(seconds)
    return values


def network_values(since: Change, identity: Identity) -> dict[str, str]:
    """What derains, where, at which operating point."""
    now = since.now
    values = {
        "model": identity.model,
        "model_sha256": identity.model_sha256,
        "device": identity.device,
        "device_memory_mb": _megabytes(now.device_memory),
        "process_memory_mb": _megabytes(now.process_memory),
        "enabled": str(now.enabled).lower(),
        "raining": "" if now.raining is None else str(now.raining).lower(),
        "rain_level": "" if now.rain_level is None else f"{now.rain_level:.2f}",
        "operating_point": "none" if now.step is None else identity.points[now.step],
    }
    for step, point in enumerate(identity.points):
        predicted = now.predicted[step] if step < len(now.predicted) else None
        values[f"point_{step}"] = point
        values[f"point_{step}_predicted_ms"] = "" if predicted is None else _milliseconds(predicted)
        values[f"point_{step}_derained"] = str(now.pairs.notes.get(derained_at(step), 0))
    return values


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3f}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"
