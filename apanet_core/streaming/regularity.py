"""How regularly one camera's frames follow each other: rate, gaps and stamps that go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

GAP_INTERVALS = 1.5
"""An interval this many times the usual one is a gap: at least one frame is missing."""

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class Regularity:
    """What the stamps of one camera tell, all times in nanoseconds.

    Attributes:
        interval: the usual one, the median; 0 where there are not two frames in order.
        longest: the longest interval.
        gaps: how many intervals are longer than `GAP_INTERVALS` times the usual one.
        missing: how many frames would have filled the gaps.
        backwards: how many stamps are earlier than the one before.
        farthest_back: by how much at most.
        repeated: how many stamps equal the one before.
    """

    interval: float
    longest: int
    gaps: int
    missing: int
    backwards: int
    farthest_back: int
    repeated: int

    @property
    def rate(self) -> float:
        """Frames a second; 0 where it is not known."""
        return _NANOSECONDS / self.interval if self.interval else 0.0


def regularity(stamps: Sequence[int]) -> Regularity:
    """Judge stamps, in nanoseconds, in the order in which the frames came."""
    steps = [after - before for before, after in pairwise(stamps)]
    forward = [step for step in steps if step > 0]
    back = [-step for step in steps if step < 0]
    interval = float(median(forward)) if forward else 0.0
    gaps = [step for step in forward if step > GAP_INTERVALS * interval]
    return Regularity(
        interval=interval,
        longest=max(forward, default=0),
        gaps=len(gaps),
        missing=sum(round(gap / interval) - 1 for gap in gaps),
        backwards=len(back),
        farthest_back=max(back, default=0),
        repeated=steps.count(0),
    )
