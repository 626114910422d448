"""Gaps of a recording: more than a minute in which nothing was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import chain, pairwise

from apanet_core.time_units import NANOSECONDS, duration_text

LONGEST_NS = 60 * NANOSECONDS
"""A longer time without a message is a gap."""


@dataclass(frozen=True)
class Gap:
    """Nothing was recorded between two times, in nanoseconds."""

    begin_ns: int
    end_ns: int

    @property
    def length_ns(self) -> int:
        """How long it is."""
        return self.end_ns - self.begin_ns

    def __str__(self) -> str:
        return f"{duration_text(self.length_ns)} from {self._begin} on"

    @property
    def _begin(self) -> str:
        """In UTC; times of a bag can lie beyond all calendars."""
        try:
            begin = datetime.fromtimestamp(self.begin_ns / NANOSECONDS, timezone.utc)
        except (OverflowError, OSError, ValueError):
            return f"{self.begin_ns} ns"
        return f"{begin:%Y-%m-%d %H:%M:%S} UTC"


def find_gaps(start_ns: int, times_ns: Iterable[int]) -> Iterator[Gap]:
    """Yield the gaps before and between messages.

    Args:
        start_ns: when the recording begins.
        times_ns: of the messages, in order.
    """
    for before, after in pairwise(chain([start_ns], times_ns)):
        if after - before > LONGEST_NS:
            yield Gap(before, after)
