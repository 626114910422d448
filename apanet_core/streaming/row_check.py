"""Looks now and then whether the rows of the pairs that come in fit, as those of rectified ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

from apanet_core.imaging.row_offset import RowOffset, row_offset
from apanet_core.imaging.types import ByteImage

LARGEST_OFFSET = 2.0
"""Pixels by which rows may differ before the network's row-wise attention suffers."""

_LOOKS = 3
_FIRST_LOOKS_APART_SECONDS = 1.0
_LOOKS_APART_SECONDS = 30.0


class RowCheck:
    """Measures three pairs a second apart, then one every 30 s. One thread looks, any may ask.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._offsets: deque[float] = deque(maxlen=_LOOKS)
        self._due_at = clock()

    @property
    def due(self) -> bool:
        """Whether it is time to look at a pair."""
        return self._clock() >= self._due_at

    def look_if_due(self, left: ByteImage, right: ByteImage) -> None:
        """Measure a pair, uint8 RGB `[H,W,3]`, if it is time."""
        if self.due:
            self.look(left, right)

    def look(self, left: ByteImage, right: ByteImage) -> RowOffset | None:
        """Measure one pair, uint8 RGB `[H,W,3]`; it takes as long as finding points in both."""
        measured = row_offset(left, right)
        if measured is not None:
            self._offsets = deque([*self._offsets, measured.pixels], maxlen=_LOOKS)
        few = len(self._offsets) < _LOOKS
        self._due_at = self._clock() + (_FIRST_LOOKS_APART_SECONDS if few else _LOOKS_APART_SECONDS)
        return measured

    @property
    def offset(self) -> float | None:
        """Pixels by which rows differed at the median of the last three looks; None before them."""
        offsets = self._offsets
        return median(offsets) if len(offsets) == _LOOKS else None
