"""Pairs made by message_filters, where ROS 2 is installed with it, behind our matcher's interface.

On its own its synchronisers stop for good after an exception, which leaves their lock held, and
stop matching after stamps run backwards while something waits. Here both end in a new synchroniser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from builtin_interfaces.msg import Time

from apanet_core.errors import ConfigError
from apanet_core.streaming.pairing import FrameCounts, MatchedPair, Side
from apanet_core.time_units import NANOSECONDS

Frame = TypeVar("Frame")


@dataclass(frozen=True)
class _Stamped(Generic[Frame]):
    """A frame as message_filters wants it: with a header that has a stamp."""

    header: Any
    stamp: int
    frame: Frame


@dataclass
class _Counts:
    latest: int | None = None
    received: int = 0
    paired: int = 0
    stamp_jump: int = 0


class MessageFiltersMatcher(Generic[Frame]):
    """Does what `PairMatcher` does with the rules of message_filters. Not thread safe.

    Args:
        policy: "exact" (TimeSynchronizer) or "approximate" (ApproximateTimeSynchronizer).
        slop: largest difference of two stamps that pair, in nanoseconds; not for "exact".
        queue_size: frames of each camera that may wait for a partner, 1 or more.
        warn: takes a sentence for the log.

    Raises:
        ConfigError: message_filters is not installed.
    """

    def __init__(
        self, policy: str, slop: int, queue_size: int, warn: Callable[[str], None]
    ) -> None:
        try:
            # Only here: the wheels of ROS 2 have none.
            import message_filters
        except ImportError:
            raise ConfigError(
                f"synchroniser {policy} needs message_filters, which is not installed: install "
                "ros-<distro>-message-filters, or take synchroniser nearest."
            ) from None
        self._library = message_filters
        self._policy = policy
        self._limits = slop, queue_size
        self._warn = warn
        self._counts = {side: _Counts() for side in Side}
        self._pairs: list[MatchedPair[Frame]] = []
        self._jumps = 0
        self._begin()

    def configure(self, slop: int, queue_size: int) -> None:
        """Change the limits; what waits leaves unpaired if they differ."""
        if (slop, queue_size) != self._limits:
            self._limits = slop, queue_size
            self._begin()

    def forget_waiting(self) -> None:
        """Let all that waits leave unpaired, and expect stamps of any time next."""
        self._begin()
        for counts in self._counts.values():
            counts.latest = None

    @property
    def jumps(self) -> int:
        """How often a camera's stamps ran backwards; a loop of a bag counts once per camera."""
        return self._jumps

    def counts(self, side: Side) -> FrameCounts:
        """What became of the frames of one camera so far."""
        counts = self._counts[side]
        waiting = len(self._waiting(side))
        return FrameCounts(
            received=counts.received,
            paired=counts.paired,
            unpaired=counts.received - counts.paired - counts.stamp_jump - waiting,
            stamp_jump=counts.stamp_jump,
            waiting=waiting,
        )

    def reset_counts(self) -> None:
        """Begin to count anew; what waits counts as just received."""
        self._jumps = 0
        for side, counts in self._counts.items():
            self._counts[side] = _Counts(counts.latest, received=len(self._waiting(side)))

    def waiting_skew(self) -> int | None:
        """Smallest stamp difference of a left and a right frame that wait; None without both."""
        left, right = (self._waiting(side) for side in Side)
        return min((abs(one.stamp - other.stamp) for one in left for other in right), default=None)

    def add(self, side: Side, stamp: int, frame: Frame) -> list[MatchedPair[Frame]]:
        """Take one frame in and return the pairs it completes, oldest first.

        Args:
            side: the camera it came from.
            stamp: its stamp in nanoseconds.
            frame: anything; it comes back in its pair.
        """
        counts = self._counts[side]
        if counts.latest is not None and stamp < counts.latest:
            self._forget_the_past(side, before=counts.latest, now=stamp)
        counts.latest = stamp
        counts.received += 1
        self._signal(side, stamp, frame)
        pairs, self._pairs = self._pairs, []
        return pairs

    def _begin(self) -> None:
        """Make a new synchroniser, in which nothing waits and no lock is held."""
        self._filters = {side: self._library.SimpleFilter() for side in Side}
        inputs = list(self._filters.values())
        slop, queue_size = self._limits
        if self._policy == "exact":
            self._synchroniser = self._library.TimeSynchronizer(inputs, queue_size)
        else:
            # It pairs what is nearer than the slop; ours pairs what is as near.
            seconds = (slop + 1) / NANOSECONDS
            self._synchroniser = self._library.ApproximateTimeSynchronizer(
                inputs, queue_size, seconds
            )
        self._synchroniser.registerCallback(self._take_pair)

    def _take_pair(self, left: _Stamped[Frame], right: _Stamped[Frame]) -> None:
        for side in Side:
            self._counts[side].paired += 1
        self._pairs.append(MatchedPair(left.frame, right.frame, left.stamp, right.stamp))

    def _forget_the_past(self, side: Side, before: int, now: int) -> None:
        """Begin anew with those frames of the other camera that lie nearer to the time now."""
        self._jumps += 1
        others = self._waiting(side.other)
        kept = [each for each in others if abs(each.stamp - before) >= abs(each.stamp - now)]
        self._counts[side].stamp_jump += len(self._waiting(side))
        self._counts[side.other].stamp_jump += len(others) - len(kept)
        self._begin()
        for each in kept:
            self._signal(side.other, each.stamp, each.frame)

    def _signal(self, side: Side, stamp: int, frame: Frame) -> None:
        try:
            self._filters[side].signalMessage(_stamped(stamp, frame))
        except Exception as error:  # such as of a stamp before 1970; the lock may stay held
            name = type(error).__name__
            self._warn(f"message_filters failed and begins anew: {name}: {error}")
            self._begin()

    def _waiting(self, side: Side) -> list[_Stamped[Frame]]:
        queue = self._synchroniser.queues[list(Side).index(side)]
        return list(queue.values())


def _stamped(stamp: int, frame: Frame) -> _Stamped[Frame]:
    seconds, nanoseconds = divmod(stamp, NANOSECONDS)
    header = SimpleNamespace(stamp=Time(sec=seconds, nanosec=nanoseconds))
    return _Stamped(header, stamp, frame)
