"""Whether it rains, so that a dry scene can pass without work: hysteresis over an estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_RAIN_OVER_DRY = 2.0
_WEIGHT_OF_NEWEST = 0.3
_LOOKS_APART_SECONDS = 0.2


@dataclass(frozen=True)
class GateOptions:
    """What may change at any time.

    Attributes:
        on: whether the gate is there at all; without it, it counts as raining.
        dry_level: brightness in levels of 255, mean over the pixels, that deraining takes away: it
            is dry below this, and rains again above twice as much.
        hold: seconds for which it must have been so.
    """

    on: bool = False
    dry_level: float = 0.75
    hold: float = 3.0


class RainGate:
    """Follows an estimate of the rain. One thread looks; any may read or set `options`.

    Args:
        options: limits.
        clock: seconds, monotonic.

    Attributes:
        raining: whether pairs are to be derained.
        level: the smoothed estimate; `None` before the first look.
    """

    def __init__(self, options: GateOptions, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._other_since: float | None = None
        self._looked_at: float | None = None
        self.options = options
        self.raining = True
        self.level: float | None = None

    def closed(self) -> bool:
        """Whether pairs pass as they are, since it is dry."""
        if not self.options.on and self.level is not None:
            self.raining, self.level, self._other_since, self._looked_at = True, None, None, None
        return not self.raining

    def look_is_due(self) -> bool:
        """Whether a fresh estimate is worth its time."""
        looked_at, now = self._looked_at, self._clock()
        return self.options.on and (looked_at is None or now - looked_at >= _LOOKS_APART_SECONDS)

    def look(self, level: float) -> bool:
        """Take an estimate in; return whether it began or ceased to rain by it."""
        self._looked_at = self._clock()
        before = level if self.level is None else self.level
        self.level = before + _WEIGHT_OF_NEWEST * (level - before)
        if not self._is_other():
            self._other_since = None
            return False
        if self._other_since is None:
            self._other_since = self._looked_at
        if self._looked_at - self._other_since < self.options.hold:
            return False
        self.raining, self._other_since = not self.raining, None
        return True

    def _is_other(self) -> bool:
        """Whether the level speaks against the present state."""
        assert self.level is not None
        if self.raining:
            return self.level < self.options.dry_level
        return self.level > _RAIN_OVER_DRY * self.options.dry_level
