"""The statuses of one report, and the line that sums everything up at the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import Outcome, Stage
from apanet_ros.diagnostics.complaints import (
    Complaint,
    about_input,
    about_pairs,
    missing_camera_infos,
)
from apanet_ros.diagnostics.reading import Change, Identity, Reading
from apanet_ros.diagnostics.values import input_values, network_values, pair_values

PERIOD = 1.0
"""Seconds between two reports."""

_READINGS_KEPT = 4


class Diagnostics:
    """Makes the statuses "input", "pairs" and "network" of each reading.

    Counters count from the start or the last reset; rates and complaints look back three periods.
    """

    def __init__(self, identity: Identity, first: Reading) -> None:
        self._identity = identity
        self._readings = deque([first], maxlen=_READINGS_KEPT)

    def begin(self, reading: Reading) -> None:
        """Look back no further than this reading."""
        self._readings.clear()
        self._readings.append(reading)

    def report(self, reading: Reading) -> list[DiagnosticStatus]:
        """Return the statuses for this reading."""
        since = Change(self._readings[0], reading)
        self._readings.append(reading)
        return [
            self._status("input", about_input(since, self._identity), input_values(since)),
            self._status("pairs", about_pairs(since), pair_values(since), _note(since)),
            self._status("network", [], network_values(since, self._identity)),
        ]

    def missing_camera_infos(self, reading: Reading) -> list[str]:
        """Say of each camera that sends images but never sent an info, what to do."""
        return missing_camera_infos(reading, self._identity)

    def _status(
        self,
        part: str,
        complaints: Sequence[Complaint],
        values: Mapping[str, str],
        note: str = "OK",
    ) -> DiagnosticStatus:
        return DiagnosticStatus(
            level=max((each.level for each in complaints), default=DiagnosticStatus.OK),
            name=f"{self._identity.node}: {part}",
            message=" ".join(each.sentence for each in complaints) or note,
            hardware_id=self._identity.device,
            values=[KeyValue(key=key, value=value) for key, value in values.items()],
        )


def _note(since: Change) -> str:
    """What is not wrong, but good to know."""
    if not since.now.enabled:
        return (
            "Disabled: pairs go out as they came until ~/enable or the parameter enabled says so."
        )
    if since.left(Outcome.PASSED_DRY):
        return "Dry: pairs go out as they came until it rains."
    if since.left(Outcome.UNWANTED):
        return "Idle: nobody subscribes to an output image, so nothing is derained."
    return "OK"


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
