"""Whether something has stayed the same for long enough to rely on it."""

from __future__ import annotations

from collections.abc import Callable


class Steadiness:
    """Follows a value that anybody may change. Not thread-safe.

    Args:
        hold: seconds for which the value must have been the same.
        clock: seconds, monotonic.
    """

    def __init__(self, hold: float, clock: Callable[[], float]) -> None:
        self._hold = hold
        self._clock = clock
        self._value: object = None
        self._since = clock()

    def is_steady(self, value: object) -> bool:
        """Take the value of this moment; whether it has been the same for long enough."""
        now = self._clock()
        if value != self._value:
            self._value, self._since = value, now
        return now - self._since >= self._hold
