"""Which operating point each pair is derained at, so that it goes out within the budget.

The rule, in five sentences:

1. The best step whose predicted time fits what the pair's age leaves of the budget is taken.
2. Going down is immediate; going up waits until a better step has fitted, with a margin, for the
   whole hold time; a rise that is soon taken back doubles that time, up to a minute.
3. When no step fits, the pair goes out as it came, and deraining sets in again with the margin.
4. When nothing ran for a while (a second, or five predicted times), the lowest step runs aside,
   unpublished, so that one slow spell cannot switch deraining off for ever; so does a step that is
   to be risen to and was never run at this image size. A size that takes another's place must stay
   for that while first: one enormous picture is not worth its time.
5. A step that ran out of memory rests for a while, twice as long each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from apanet_core.streaming.climb import Climb
from apanet_core.streaming.step_times import Size, StepTimes

_PROBE_AFTER_SECONDS = 1.0
_PROBE_AFTER_INFERENCES = 5.0
_WARM_UP_INFERENCES = 3.0
_HOPELESS_BUDGETS = 2.0
_FIRST_REST = 5.0
_LONGEST_REST = 300.0


@dataclass(frozen=True)
class LadderOptions:
    """What may change at any time.

    Attributes:
        budget: seconds from the pair's stamp, or receipt, to its publication; 0 is no limit.
        best, worst: the first and the last step that may be taken, from 0; the last step at most.
        margin: share of its predicted time by which a better step must fit before it is taken.
        hold: seconds for which it must have fitted.
    """

    budget: float = 0.0
    best: int = 0
    worst: int = 1000
    margin: float = 0.1
    hold: float = 1.0


@dataclass(frozen=True)
class Choice:
    """What to do with a pair: derain it at `step`, or, where that is `None`, leave it as it is.

    Then, where `aside` is a step, derain it there as well, unpublished, for its time. `resting`
    says that every step rests for want of memory.
    """

    step: int | None
    aside: int | None = None
    resting: bool = False


@dataclass(frozen=True)
class _Rest:
    """Until when a step is left alone, and for how many seconds that is."""

    until: float
    seconds: float


class Ladder:
    """Chooses a step for each pair from its age. One thread chooses, measures and records.

    Args:
        steps: how many operating points there are, best first; 1 or more.
        options: budget, limits and hysteresis.
        clock: seconds, monotonic.

    Attributes:
        options: as above; any thread may set them.
        current: the step of the last pair; `None` where it was left as it was. Any thread may read.
        predicted: seconds that the last pair was expected to take at each step; `None` where
            unknown. Any thread may read.
    """

    def __init__(self, steps: int, options: LadderOptions, clock: Callable[[], float]) -> None:
        self._steps = steps
        self._clock = clock
        self._times = StepTimes(clock)
        self._climb = Climb(clock)
        self._rests: dict[int, _Rest] = {}
        self._size: Size | None = None
        self._size_since = -math.inf
        self.options = options
        self.current: int | None = None
        self.predicted: tuple[float | None, ...] = (None,) * steps

    def measure(self, step: int, size: Size, seconds: float) -> None:
        """Begin anew with the time of a step that was just warmed up, or ran aside."""
        self._times.measure(step, size, seconds)

    def record(self, step: int, size: Size, seconds: float) -> None:
        """Note how long a pair took at a step that was measured."""
        self._times.record(step, size, seconds)
        self._rests.pop(step, None)

    def rest(self, step: int, size: Size) -> None:
        """Leave a step alone for a while, since it found no memory."""
        before = self._rests.get(step)
        seconds = _FIRST_REST if before is None else min(2 * before.seconds, _LONGEST_REST)
        self._rests[step] = _Rest(self._clock() + seconds, seconds)
        self._times.forget(step, size)

    def is_warm(self, step: int, size: Size) -> bool:
        """Whether a step was measured at a size."""
        return self._times.is_warm(step, size)

    def exceeded_by(self, age: float) -> bool:
        """Whether an age in seconds breaks the promise."""
        return 0 < self.options.budget < age

    def choose(self, age: float, size: Size) -> Choice:
        """Decide on a pair of this age in seconds; an age below zero counts as zero."""
        self._note_size(size)
        options = self.options
        left = options.budget - max(age, 0.0) if options.budget > 0 else math.inf
        self.predicted = tuple(self._times.predict(step, size) for step in range(self._steps))
        allowed = self._allowed(options)
        fitting = [step for step in allowed if self._cost(step, size) <= left]
        surely = [s for s in fitting if self._cost(s, size) * (1 + options.margin) <= left]
        self.current = self._climb.take(fitting, surely, options.hold)
        return Choice(self.current, self._aside(allowed, size, left), resting=not allowed)

    def _note_size(self, size: Size) -> None:
        """Remember since when pictures have this size; the first one counts as there for ever."""
        if self._size is not None and size != self._size:
            self._size_since = self._clock()
        self._size = size

    def _allowed(self, options: LadderOptions) -> list[int]:
        worst = min(options.worst, self._steps - 1)
        now = self._clock()
        steps = range(min(options.best, worst), worst + 1)
        return [step for step in steps if step not in self._rests or self._rests[step].until <= now]

    def _cost(self, step: int, size: Size) -> float:
        """Seconds that deraining takes, with the warm-up of a cold step."""
        predicted = self.predicted[step]
        if predicted is None:
            return math.inf
        return predicted if self.is_warm(step, size) else _WARM_UP_INFERENCES * predicted

    def _aside(self, allowed: list[int], size: Size, left: float) -> int | None:
        if self.current is not None:
            return self._cold_step_above(self.current, allowed, size, left)
        if not allowed or left < 0 or self._is_hopeless(allowed[-1], size):
            return None
        return allowed[-1] if self._probe_is_due(allowed[-1], size) else None

    def _is_hopeless(self, step: int, size: Size) -> bool:
        """Whether a step that never ran at this size is far too slow, by what it took at others."""
        predicted = self.predicted[step]
        if predicted is None or self.is_warm(step, size):
            return False
        return predicted > _HOPELESS_BUDGETS * self.options.budget

    def _cold_step_above(
        self, current: int, allowed: list[int], size: Size, left: float
    ) -> int | None:
        """The best step that would fit once it is warm, and is not."""
        for step in allowed:
            predicted = self.predicted[step]
            cold = step < current and not self.is_warm(step, size)
            if cold and predicted is not None and predicted * (1 + self.options.margin) <= left:
                return step
        return None

    def _probe_is_due(self, step: int, size: Size) -> bool:
        pause = max(_PROBE_AFTER_SECONDS, _PROBE_AFTER_INFERENCES * (self.predicted[step] or 0.0))
        return self._clock() - max(self._times.latest(size), self._size_since) >= pause
