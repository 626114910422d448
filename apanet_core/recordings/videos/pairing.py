"""Pairs the frames of two videos by their times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from apanet_core.recordings.videos.reader import TimedFrame


class FramePairs:
    """The pairs of two videos, each frame with the nearest one of the other, and only once.

    Attributes:
        unpaired: frames without a partner, counted once the last pair is taken.
    """

    def __init__(
        self, left: Iterable[TimedFrame], right: Iterable[TimedFrame], limit: Fraction
    ) -> None:
        """Take frames in the order of time; a pair is at most `limit` seconds apart."""
        self.unpaired = 0
        self._left, self._right = _Ahead(left), _Ahead(right)
        self._limit = limit

    def __iter__(self) -> Iterator[tuple[TimedFrame, TimedFrame]]:
        while self._left.now is not None and self._right.now is not None:
            left, right = self._left.now, self._right.now
            earlier, later = self._left, right
            if right.time < left.time:
                earlier, later = self._right, left
            apart = abs(left.time - right.time)
            if apart > self._limit or earlier.comes_nearer(later.time, apart):
                earlier.advance()
                self.unpaired += 1
                continue
            yield left, right
            self._left.advance()
            self._right.advance()
        self.unpaired += self._left.count_rest() + self._right.count_rest()


class _Ahead:
    """Frames one at a time, with a view of the next one."""

    def __init__(self, frames: Iterable[TimedFrame]) -> None:
        self._frames = iter(frames)
        self.now = next(self._frames, None)
        self._next = next(self._frames, None)

    def advance(self) -> None:
        self.now, self._next = self._next, next(self._frames, None)

    def comes_nearer(self, time: Fraction, apart: Fraction) -> bool:
        return self._next is not None and abs(self._next.time - time) < apart

    def count_rest(self) -> int:
        count = 0
        while self.now is not None:
            self.advance()
            count += 1
        return count
