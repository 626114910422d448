"""What the node tells about itself: counters, times and, when something is wrong, what to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import Outcome, Stage, StreamSnapshot
from apanet_ros.inference_worker import PROBE, PUBLISHED_LATE, WITHOUT_CAMERA_INFO
from apanet_ros.stereo_input import InputSnapshot
from apanet_ros.topics import CameraTopics

PERIOD = 1.0
"""Seconds between two reports."""

_READINGS_KEPT = 4
_UNEVEN_IMAGES = 5
# Stamps this far from the node's clock, in seconds, were made by another clock.
_FOREIGN_CLOCK = 10.0


@dataclass(frozen=True)
class Identity:
    """What does not change: full name, description of the network, its device, input topics."""

    node: str
    model: str
    device: str
    topics: Mapping[Side, CameraTopics]


@dataclass(frozen=True)
class Reading:
    """The node's state at one moment.

    `time` is in seconds of a monotonic clock; `slop`, `budget` and `predicted` in seconds.
    `problem` is the last sentence about a pair that was rejected or failed; `qos_problems` are
    about publishers and subscribers that cannot be connected now.
    """

    time: float
    input: InputSnapshot
    pairs: StreamSnapshot
    slop: float
    budget: float
    predicted: float
    problem: str = ""
    qos_problems: Sequence[str] = ()


class Diagnostics:
    """Makes the statuses "input" and "pairs" of each reading.

    Counters count from the start; rates and warnings look back three periods.
    """

    def __init__(self, identity: Identity, first: Reading) -> None:
        self._identity = identity
        self._readings = deque([first], maxlen=_READINGS_KEPT)

    def report(self, reading: Reading) -> list[DiagnosticStatus]:
        """Return the statuses for this reading."""
        since = _Change(self._readings[0], reading)
        self._readings.append(reading)
        return [
            self._status("input", self._input_warnings(since), _input_values(since)),
            self._status("pairs", _pair_warnings(since), self._names() | _pair_values(since)),
        ]

    def missing_camera_infos(self, reading: Reading) -> list[str]:
        """Say of each camera that sends images but never sent an info, what to do."""
        return [
            f"No message on {topics.camera_info} yet, so its images go out without one: remap the "
            "camera's info to this name."
            for side, topics in self._identity.topics.items()
            if reading.input.frames[side].received and not reading.input.camera_infos[side]
        ]

    def _input_warnings(self, since: _Change) -> list[str]:
        silent = [side for side in Side if not since.received(side)]
        warnings = [
            f"No image on {self._identity.topics[side].image} for {since.seconds:.0f} s: check "
            "that the camera runs and that its topic is remapped to this name."
            for side in silent
        ]
        if not silent and _uneven(since):
            warnings.append(_uneven_warning(since))
        elif not silent and not since.paired:
            warnings.append(_skew_warning(since.now))
        return [*warnings, *self.missing_camera_infos(since.now), *since.now.qos_problems]

    def _names(self) -> dict[str, str]:
        return {"model": self._identity.model, "device": self._identity.device}

    def _status(self, part: str, warnings: list[str], values: dict[str, str]) -> DiagnosticStatus:
        return DiagnosticStatus(
            level=DiagnosticStatus.WARN if warnings else DiagnosticStatus.OK,
            name=f"{self._identity.node}: {part}",
            message=" ".join(warnings) or "OK",
            hardware_id=self._identity.device,
            values=[KeyValue(key=key, value=value) for key, value in values.items()],
        )


def state_status(node: str, state: str, failure: str) -> DiagnosticStatus:
    """The status "state": the node's lifecycle state, and why a transition to another failed."""
    if failure:
        level, message = DiagnosticStatus.ERROR, failure
    elif state == "active":
        level, message = DiagnosticStatus.OK, "OK"
    else:
        level, message = DiagnosticStatus.WARN, f"The node is {state}, so nothing comes out."
    return DiagnosticStatus(
        level=level,
        name=f"{node}: state",
        message=message,
        hardware_id="none",
        values=[KeyValue(key="state", value=state)],
    )


def summary(reading: Reading) -> str:
    """One line on everything that came in and what became of it."""
    received = ", ".join(f"{reading.input.frames[side].received} {side.value}" for side in Side)
    outcomes = ", ".join(
        f"{number} {outcome.value.replace('_', ' ')}"
        for outcome, number in reading.pairs.outcomes.items()
        if number
    )
    age = reading.pairs.times[Stage.AGE]
    return (
        f"Received {received}; {reading.pairs.entered} pairs: {outcomes or 'none came out'}; "
        f"age at publication p50 {1000 * age.p50:.1f} ms, p95 {1000 * age.p95:.1f} ms."
    )


@dataclass(frozen=True)
class _Change:
    """Two readings and what lies between them."""

    before: Reading
    now: Reading

    @property
    def seconds(self) -> float:
        return self.now.time - self.before.time

    def received(self, side: Side) -> int:
        return self.now.input.frames[side].received - self.before.input.frames[side].received

    @property
    def paired(self) -> int:
        return self.now.pairs.entered - self.before.pairs.entered

    def left(self, *outcomes: Outcome) -> int:
        """How many pairs left in one of these ways."""
        return sum(self.now.pairs.outcomes[o] - self.before.pairs.outcomes[o] for o in outcomes)

    def rate(self, number: int) -> str:
        return f"{number / self.seconds:.2f}" if self.seconds > 0 else "0.00"


def _uneven(since: _Change) -> bool:
    """Whether one camera brings twice the other's images, beyond what chance does to a few."""
    fewer, more = sorted(since.received(side) for side in Side)
    return more >= 2 * fewer and more - fewer >= _UNEVEN_IMAGES


def _uneven_warning(since: _Change) -> str:
    left, right = (since.rate(since.received(side)) for side in Side)
    return (
        f"Left images come at {left} Hz and right ones at {right} Hz, so most have no partner: "
        "large images get lost on the way unless the middleware is given room for them (see Large "
        "images in docs/ros_interface.md)."
    )


def _skew_warning(reading: Reading) -> str:
    skew = reading.input.waiting_skew
    nearest = "" if skew is None else f" (the nearest are {skew / 1e6:.3f} ms apart)"
    return (
        f"Both cameras send, but no stamps lie within the slop of {1000 * reading.slop:.3f} ms"
        f"{nearest}: raise slop, or synchronise the cameras."
    )


def _pair_warnings(since: _Change) -> list[str]:
    warnings = []
    if since.left(Outcome.REJECTED, Outcome.FAILED):
        warnings.append(since.now.problem)
    if over := since.left(Outcome.PASSED_THROUGH, Outcome.LATE):
        warnings.append(_budget_warning(over, since.now))
    return warnings


def _budget_warning(over: int, reading: Reading) -> str:
    age = reading.pairs.times[Stage.ARRIVAL].p50
    if abs(age) > _FOREIGN_CLOCK:
        return (
            f"Stamps lie {age:.0f} s from this node's clock, so no pair fits the budget: set "
            "use_sim_time for a bag, or latency_reference to receipt."
        )
    return (
        f"{over} pairs were not derained in time: the budget is {1000 * reading.budget:.1f} ms and "
        f"deraining takes {1000 * reading.predicted:.1f} ms. Raise latency_budget_ms, send smaller "
        "images or use a faster device."
    )


def _input_values(since: _Change) -> dict[str, str]:
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
    return values


def _pair_values(since: _Change) -> dict[str, str]:
    pairs = since.now.pairs
    values = {"paired": str(pairs.entered), "in_flight": str(pairs.in_flight)}
    values |= {outcome.value: str(number) for outcome, number in pairs.outcomes.items()}
    for note in (PROBE, PUBLISHED_LATE, WITHOUT_CAMERA_INFO):
        values[note] = str(pairs.notes.get(note, 0))
    values["rate_in_hz"] = since.rate(since.paired)
    values["rate_out_hz"] = since.rate(since.left(Outcome.DERAINED, Outcome.PASSED_THROUGH))
    values["budget_ms"] = _milliseconds(since.now.budget)
    values["predicted_ms"] = _milliseconds(since.now.predicted)
    for stage, times in pairs.times.items():
        for key, seconds in vars(times).items():
            values[f"{stage.value}_ms_{key}"] = _milliseconds(seconds)
    return values


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3f}"
