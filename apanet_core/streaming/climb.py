"""Hysteresis on a ladder: down at once, up after a while, and more slowly after a vain rise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

_LONGEST_HOLD = 60.0


class Climb:
    """Remembers the step taken last, and takes the next. Steps count from 0, the best.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._step: int | None = None
        self._began = False
        self._could_rise_since: float | None = None
        self._rose_at = -math.inf
        self._vain_rises = 0

    def take(self, fitting: Sequence[int], surely: Sequence[int], hold: float) -> int | None:
        """Return the step to take now, or `None` where none fits.

        Args:
            fitting: the steps that fit now, best first.
            surely: those of them that fit with a margin.
            hold: seconds for which a better step must have fitted surely before it is taken.
        """
        if not self._began:
            self._began = True
            self._step = next(iter(fitting), None)
        elif self._step is None:
            # Nothing came out clean before: what fits surely is taken without waiting.
            self._step = next(iter(surely), None)
        elif (better := self._better(fitting, surely)) is not None:
            self._rise_after(self._held(hold), better, fitting)
        else:
            self._could_rise_since = None
            self._stay_or_fall(fitting, hold)
        return self._step

    def _better(self, fitting: Sequence[int], surely: Sequence[int]) -> int | None:
        """The best step above the last that fits surely, while the last one fits too."""
        assert self._step is not None
        if not any(step >= self._step for step in fitting):
            return None
        return next((step for step in surely if step < self._step), None)

    def _rise_after(self, seconds: float, better: int, fitting: Sequence[int]) -> None:
        now = self._clock()
        if self._could_rise_since is None:
            self._could_rise_since = now
        if now - self._could_rise_since >= seconds:
            self._step, self._rose_at, self._could_rise_since = better, now, None
        elif self._step not in fitting:
            self._step = next(step for step in fitting if step >= (self._step or 0))

    def _stay_or_fall(self, fitting: Sequence[int], hold: float) -> None:
        before = self._step
        assert before is not None
        lower = next((step for step in fitting if step >= before), None)
        self._step = lower if lower is not None else next(iter(fitting), None)
        if self._step is None or self._step > before:
            in_vain = self._clock() - self._rose_at < 2 * self._held(hold)
            self._vain_rises = self._vain_rises + 1 if in_vain else 0

    def _held(self, hold: float) -> float:
        """The hold time, doubled with each rise that was soon taken back."""
        return min(hold * 2.0**self._vain_rises, max(_LONGEST_HOLD, hold))
