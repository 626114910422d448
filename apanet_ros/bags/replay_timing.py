"""When a bag's messages are due: rate, loop and simulated clock, without any ROS type."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from apanet_core.errors import ConfigError
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bags.gaps import LONGEST_NS, Gap

Message = TypeVar("Message")

_LONGEST_SLEEP_S = 3600.0


@dataclass(frozen=True)
class ClockTick:
    """A moment at which the simulated clock is published."""


@dataclass(frozen=True)
class Due(Generic[Message]):
    """Something to publish at `time_ns` of the bag's time, or a gap that begins then."""

    time_ns: int
    item: Message | ClockTick | Gap


def with_gaps(messages: Iterable[Due[Message]], start_ns: int) -> Iterator[Due[Message]]:
    """Yield `messages` with each gap of over a minute, also the one after `start_ns`."""
    before_ns = start_ns
    for message in messages:
        if message.time_ns - before_ns > LONGEST_NS:
            yield Due(before_ns, Gap(before_ns, message.time_ns))
        before_ns = message.time_ns
        yield message


def with_clock_ticks(
    messages: Iterable[Due[Message]], period_ns: int | None, skip_gaps: bool = False
) -> Iterator[Due[Message]]:
    """Yield `messages` with a clock tick every `period_ns` of bag time, the first one first.

    Ticks go before messages of the same time, so that receivers know the time when these arrive.
    Gaps have ticks as well, unless they are skipped.
    """
    tick_ns: int | None = None
    for message in messages:
        if isinstance(message.item, Gap):
            tick_ns = message.item.end_ns if skip_gaps else tick_ns
        elif period_ns is not None:
            tick_ns = message.time_ns if tick_ns is None else tick_ns
            while tick_ns <= message.time_ns:
                yield Due(tick_ns, ClockTick())
                tick_ns += period_ns
        yield message


class Pacer:
    """Holds each moment of a bag back until its time has come on the wall clock."""

    def __init__(
        self, rate: float, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        """Play `rate` seconds of the bag a second; `clock` and `sleep` are in seconds.

        Raises `ConfigError` for a rate that is not positive.
        """
        if not rate > 0:
            raise ConfigError(f"The rate must be positive, got {rate:g}; 1 is real time.")
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._start_s = 0.0
        self._start_ns = 0
        self.worst_lateness_s = 0.0

    def start(self, bag_time_ns: int, after_s: float = 0.0) -> None:
        """Let the bag's `bag_time_ns` be due `after_s` seconds from now."""
        self._start_s = self._clock() + after_s
        self._start_ns = bag_time_ns

    def forgive(self, bag_time_ns: int) -> None:
        """Let `bag_time_ns` be due now if it should have been before; it is not late then."""
        now_s = self._clock()
        if self._due_s(bag_time_ns) < now_s:
            self._start_s, self._start_ns = now_s, bag_time_ns

    def wait_until(self, bag_time_ns: int) -> None:
        """Return when `bag_time_ns` is due: at once when it is late, and then remember how late."""
        due_s = self._due_s(bag_time_ns)
        while (remaining_s := due_s - self._clock()) > 0:
            # Python cannot sleep for centuries, for which a bag's times may well ask.
            self._sleep(min(remaining_s, _LONGEST_SLEEP_S))
        self.worst_lateness_s = max(self.worst_lateness_s, -remaining_s)

    def _due_s(self, bag_time_ns: int) -> float:
        return self._start_s + (bag_time_ns - self._start_ns) / NANOSECONDS / self._rate


def loop_pause_s(duration_ns: int, messages_of_busiest_topic: int, rate: float) -> float:
    """Return the wait between two loops: one usual gap, so that the rate holds over the seam.

    A bag that is one moment long has no gap; it is repeated every second.
    """
    usual_gap_ns = duration_ns / max(1, messages_of_busiest_topic - 1)
    return (usual_gap_ns or NANOSECONDS) / NANOSECONDS / rate


def passes(loop: bool) -> Iterable[int]:
    """Return the numbers of the passes through the bag: 0, or all of them when looping."""
    return itertools.count() if loop else range(1)
