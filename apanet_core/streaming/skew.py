"""How far apart the stamps of the pairs lie: a histogram to see whether cameras are in step."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from apanet_core.streaming.statistics import percentile

BOUNDS_MS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Upper bounds of the bins, in milliseconds, whichever camera is ahead; one more has no bound."""

_SKEWS_KEPT = 500
_NANOSECONDS_OF_A_MILLISECOND = 1_000_000


@dataclass(frozen=True)
class SkewSnapshot:
    """`bins` counts pairs by the name of their bin, since the start; `median` is signed.

    The median is that of the last 500, right stamp minus left stamp, in nanoseconds; 0 of none.
    """

    bins: Mapping[str, int]
    median: int


class SkewHistogram:
    """Counts pairs by the difference of their stamps. Not thread safe."""

    def __init__(self) -> None:
        self._last: deque[int] = deque(maxlen=_SKEWS_KEPT)
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._counts = [0] * (len(BOUNDS_MS) + 1)
        self._last.clear()

    def add(self, skew: int) -> None:
        """Count one pair, right stamp minus left stamp in nanoseconds."""
        self._counts[bisect_left(BOUNDS_MS, abs(skew) / _NANOSECONDS_OF_A_MILLISECOND)] += 1
        self._last.append(skew)

    def snapshot(self) -> SkewSnapshot:
        """Everything so far."""
        names = [*(f"to_{bound:g}" for bound in BOUNDS_MS), f"over_{BOUNDS_MS[-1]:g}"]
        return SkewSnapshot(
            dict(zip(names, self._counts, strict=True)), int(percentile(self._last, 0.5))
        )
