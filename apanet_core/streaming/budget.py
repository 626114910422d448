"""Whether a pair can still be derained within the latency budget, or must go out as it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum

from apanet_core.streaming.statistics import percentile

_TIMES_KEPT = 20
_PROBE_AFTER_SECONDS = 1.0
_PROBE_AFTER_INFERENCES = 5.0


class Verdict(Enum):
    """What to do with a pair."""

    DERAIN = "derain"
    OVER_BUDGET = "over budget"
    PROBE = "probe"


class LatencyBudget:
    """Judges pairs by their age and by how long deraining took lately.

    A pair fits when its age plus the predicted time, the 95th percentile of the last 20, is within
    the budget. When nothing was derained for a while (a second, or five predicted times if that is
    longer) the verdict on a pair that does not fit is PROBE: send it out in time as over budget,
    then derain it all the same, unpublished, and `renew` the prediction with the time it took.
    So one slow spell cannot switch deraining off for ever, and probing costs a sixth of the time
    at most. A pair that is older than the budget on its own asks for no probe: no speed helps it.

    Args:
        budget: seconds from the pair's stamp, or receipt, to its publication; 0 is no limit.
        clock: seconds, monotonic.

    Attributes:
        budget: as above; any thread may set it.
        predicted: seconds that deraining the next pair is expected to take; 0 before any was
            measured. Any thread may read it.
    """

    def __init__(self, budget: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=_TIMES_KEPT)
        self._measured_at = clock()
        self.budget = budget
        self.predicted = 0.0

    def record(self, seconds: float) -> None:
        """Note how long a derained pair took."""
        self._times.append(seconds)
        self.predicted = percentile(self._times, 0.95)
        self._measured_at = self._clock()

    def renew(self, seconds: float) -> None:
        """Forget earlier times for a fresh one: a warm-up, a new image size, a probe."""
        self._times.clear()
        self.record(seconds)

    def exceeded_by(self, age: float) -> bool:
        """Whether an age in seconds breaks the promise."""
        return 0 < self.budget < age

    def judge(self, age: float) -> Verdict:
        """Decide on a pair of this age in seconds; an age below zero counts as zero."""
        age = max(age, 0.0)
        if not self.exceeded_by(age + self.predicted):
            return Verdict.DERAIN
        if not self.exceeded_by(age) and self._probe_is_due():
            return Verdict.PROBE
        return Verdict.OVER_BUDGET

    def _probe_is_due(self) -> bool:
        pause = max(_PROBE_AFTER_SECONDS, _PROBE_AFTER_INFERENCES * self.predicted)
        return self._clock() - self._measured_at >= pause
