"""How long deraining a pair will take at each step of a ladder of operating points.

A step that ran lately is judged by its own times. One that did not is judged by what it took when
it was measured, times how much slower than measured the machine is now at the step that did run:
so a slow spell at one step is expected at the others, and passes there too when it passes.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from apanet_core.streaming.statistics import percentile

Size = tuple[int, int]
"""Height and width in pixels."""

_TIMES_KEPT = 20
_FRESH_SECONDS = 2.0
_FRESH_INFERENCES = 5.0
_SIZES_KEPT = 8


@dataclass
class _Step:
    """One step at one size: its measured time, and its latest."""

    measured: float
    measured_at: float
    times: deque[float] = field(default_factory=lambda: deque(maxlen=_TIMES_KEPT))

    @property
    def own(self) -> float:
        return percentile(self.times, 0.95) if self.times else self.measured

    @property
    def slowdown(self) -> float:
        return self.own / self.measured if self.measured > 0 else 1.0


class StepTimes:
    """Predicted seconds per pair of each step and size. Not thread safe.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sizes: OrderedDict[Size, dict[int, _Step]] = OrderedDict()

    def measure(self, step: int, size: Size, seconds: float) -> None:
        """Begin anew with the time of a warm step: at its start, or after a pause."""
        if size not in self._sizes and len(self._sizes) == _SIZES_KEPT:
            self._sizes.popitem(last=False)
        steps = self._sizes.setdefault(size, {})
        self._sizes.move_to_end(size)
        steps[step] = _Step(seconds, self._clock())

    def record(self, step: int, size: Size, seconds: float) -> None:
        """Note how long a pair took at a step that was measured; times of long ago are dropped."""
        known = self._sizes[size][step]
        if not self._is_fresh(known):
            known.times.clear()
        known.times.append(seconds)
        known.measured_at = self._clock()

    def forget(self, step: int, size: Size) -> None:
        """Take a step for cold again."""
        self._sizes.get(size, {}).pop(step, None)

    def is_warm(self, step: int, size: Size) -> bool:
        """Whether the step was measured at this size."""
        return step in self._sizes.get(size, {})

    def latest(self, size: Size) -> float:
        """When any step of this size ran last, by the clock; minus infinity before."""
        steps = self._sizes.get(size, {}).values()
        return max((step.measured_at for step in steps), default=-math.inf)

    def predict(self, step: int, size: Size) -> float | None:
        """Seconds that the next pair will take in all likelihood; `None` before any measurement."""
        if self.is_warm(step, size):
            return self._predict_warm(step, size)
        return self._estimate(step, size)

    def _predict_warm(self, step: int, size: Size) -> float:
        steps = self._sizes[size]
        known, newest = steps[step], max(steps.values(), key=lambda each: each.measured_at)
        if newest is known or self._is_fresh(known):
            return known.own
        return known.measured * newest.slowdown

    def _is_fresh(self, known: _Step) -> bool:
        lifetime = max(_FRESH_SECONDS, _FRESH_INFERENCES * known.own)
        return self._clock() - known.measured_at < lifetime

    def _estimate(self, step: int, size: Size) -> float | None:
        """From the last size at which this step was measured, by the number of pixels.

        A step that runs at both sizes says how far from true that is.
        """
        for other in reversed(self._sizes):
            if step in self._sizes[other]:
                return self._sizes[other][step].measured * self._growth(other, size)
        return None

    def _growth(self, before: Size, now: Size) -> float:
        old, new = self._sizes[before], self._sizes.get(now, {})
        for step in sorted(old.keys() & new.keys(), reverse=True):
            if old[step].measured > 0:
                return new[step].own / old[step].measured
        return math.prod(now) / math.prod(before)
