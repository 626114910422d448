"""What became of every pair, and how long each stage took."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from threading import Lock

_TIMES_KEPT = 500


class Outcome(Enum):
    """How a pair left: each pair leaves once. The PASSED ones went out as they came."""

    DERAINED = "derained"
    PASSED_OVER_BUDGET = "passed_over_budget"
    PASSED_NO_MEMORY = "passed_no_memory"
    PASSED_DRY = "passed_dry"
    PASSED_DISABLED = "passed_disabled"
    UNWANTED = "unwanted"
    REPLACED = "replaced"
    LATE = "late"
    REJECTED = "rejected"
    FAILED = "failed"


class Stage(Enum):
    """A stretch of a pair's way.

    ARRIVAL is its age when it is judged, AGE that at publication; both count from its stamp or
    receipt.
    """

    WAIT = "wait"
    READ = "read"
    ARRIVAL = "arrival"
    INFER = "infer"
    WRITE = "write"
    PUBLISH = "publish"
    AGE = "age"


@dataclass(frozen=True)
class StageTimes:
    """Percentiles in seconds over the last 500 pairs; 0 when there was none."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class StreamSnapshot:
    """One consistent reading: entered is the sum of all outcomes and in_flight.

    `notes` count what happened besides, such as probes; they are no part of that sum.
    """

    entered: int
    in_flight: int
    outcomes: Mapping[Outcome, int]
    notes: Mapping[str, int]
    times: Mapping[Stage, StageTimes]


class StreamStatistics:
    """Counters and times of one stream of pairs. Thread safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entered = 0
        self._in_flight = 0
        self._outcomes: Counter[Outcome] = Counter()
        self._notes: Counter[str] = Counter()
        self._times = {stage: deque[float](maxlen=_TIMES_KEPT) for stage in Stage}

    def enter(self) -> None:
        """Count a pair in."""
        with self._lock:
            self._entered += 1
            self._in_flight += 1

    def leave(self, outcome: Outcome) -> None:
        """Count a pair out."""
        with self._lock:
            self._in_flight -= 1
            self._outcomes[outcome] += 1

    def note(self, event: str) -> None:
        """Count something that happened besides."""
        with self._lock:
            self._notes[event] += 1

    def record(self, times: Mapping[Stage, float]) -> None:
        """Note how many seconds the stages of one pair took."""
        with self._lock:
            for stage, seconds in times.items():
                self._times[stage].append(seconds)

    def reset(self) -> None:
        """Begin anew; what is in flight counts as just entered."""
        with self._lock:
            self._entered = self._in_flight
            self._outcomes.clear()
            self._notes.clear()
            for times in self._times.values():
                times.clear()

    def snapshot(self) -> StreamSnapshot:
        """Everything so far, read at one moment."""
        with self._lock:
            return StreamSnapshot(
                entered=self._entered,
                in_flight=self._in_flight,
                outcomes={outcome: self._outcomes[outcome] for outcome in Outcome},
                notes=dict(self._notes),
                times={stage: _stage_times(times) for stage, times in self._times.items()},
            )


class PairTimes(dict[Stage, float]):
    """Seconds that each stage of one pair took, as far as it came.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock

    @contextmanager
    def timed(self, stage: Stage) -> Iterator[None]:
        """Keep the time of the block unless it raises."""
        start = self._clock()
        yield
        self[stage] = self._clock() - start


def percentile(values: Iterable[float], fraction: float) -> float:
    """The smallest value that at least this fraction of them does not exceed; 0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(fraction * len(ordered)) - 1)]


def _stage_times(times: Iterable[float]) -> StageTimes:
    ordered = sorted(times)
    return StageTimes(*(percentile(ordered, fraction) for fraction in (0.5, 0.95, 0.99)))
