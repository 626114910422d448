"""Which left frame belongs to which right frame, decided from their stamps alone.

The rule, in four sentences:

1. A left and a right frame pair when each is the nearest waiting frame of the other and their
   stamps differ by at most the slop.
2. An exact match never waits; any other pair waits only while a nearer partner may still come,
   that is while the camera that is behind may yet deliver a frame that is nearer, judged by the
   shortest interval it kept lately.
3. A frame leaves unpaired when a newer frame of its camera has paired, or when its queue is full.
4. When a camera's stamps run backwards (a bag loops, a simulator is reset), what waits from the
   time before leaves, so pairing goes on with the new time at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from operator import itemgetter
from typing import Generic, TypeVar

Frame = TypeVar("Frame")

_INTERVALS_KEPT = 8


class Side(Enum):
    """One of the two cameras."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True)
class MatchedPair(Generic[Frame]):
    """Two frames of one moment. Stamps in nanoseconds."""

    left: Frame
    right: Frame
    left_stamp: int
    right_stamp: int

    @property
    def skew(self) -> int:
        """Right stamp minus left stamp in nanoseconds."""
        return self.right_stamp - self.left_stamp

    def frame(self, side: Side) -> Frame:
        """The frame of one camera."""
        return self.left if side is Side.LEFT else self.right

    def stamp(self, side: Side) -> int:
        """The stamp of one camera's frame in nanoseconds."""
        return self.left_stamp if side is Side.LEFT else self.right_stamp


@dataclass(frozen=True)
class FrameCounts:
    """What became of one camera's frames: received is always the sum of the other four."""

    received: int
    paired: int
    unpaired: int
    stamp_jump: int
    waiting: int


class PairMatcher(Generic[Frame]):
    """Pairs left and right frames by stamp. Not thread safe: one thread adds and reads.

    Args:
        slop: largest difference of two stamps that pair, in nanoseconds; 0 pairs equal stamps only.
        queue_size: frames of each camera that may wait for a partner, 1 or more.
    """

    def __init__(self, slop: int, queue_size: int) -> None:
        self._cameras: dict[Side, _Camera[Frame]] = {side: _Camera() for side in Side}
        self._jumps = 0
        self.configure(slop, queue_size)

    def configure(self, slop: int, queue_size: int) -> None:
        """Change the limits; frames beyond a smaller queue leave when their camera's next comes."""
        if slop < 0 or queue_size < 1:
            raise ValueError(f"slop {slop} must be 0 or more, queue size {queue_size} 1 or more")
        self._slop = slop
        self._queue_size = queue_size

    def forget_waiting(self) -> None:
        """Let all that waits leave unpaired, and expect stamps of any time next."""
        for camera in self._cameras.values():
            camera.forget_waiting()

    @property
    def jumps(self) -> int:
        """How often a camera's stamps ran backwards; a loop of a bag counts once per camera."""
        return self._jumps

    def counts(self, side: Side) -> FrameCounts:
        """What became of the frames of one camera so far."""
        camera = self._cameras[side]
        return FrameCounts(
            received=camera.received,
            paired=camera.paired,
            unpaired=camera.unpaired,
            stamp_jump=camera.stamp_jump,
            waiting=len(camera.queue),
        )

    def reset_counts(self) -> None:
        """Begin to count anew; what waits counts as just received."""
        self._jumps = 0
        for camera in self._cameras.values():
            camera.received = len(camera.queue)
            camera.paired = camera.unpaired = camera.stamp_jump = 0

    def waiting_skew(self) -> int | None:
        """Smallest stamp difference of a left and a right frame that wait; None without both."""
        left, right = (self._cameras[side] for side in Side)
        if not right.queue:
            return None
        distances = [abs(right.queue[right.nearest(stamp)][0] - stamp) for stamp, _ in left.queue]
        return min(distances, default=None)

    def add(self, side: Side, stamp: int, frame: Frame) -> list[MatchedPair[Frame]]:
        """Take one frame in and return the pairs it completes, oldest first.

        Args:
            side: the camera it came from.
            stamp: its stamp in nanoseconds.
            frame: anything; it comes back in its pair.
        """
        camera = self._cameras[side]
        if camera.latest is not None and stamp < camera.latest:
            self._forget_the_past(side, before=camera.latest, now=stamp)
        camera.append(stamp, frame, self._queue_size)
        return self._take_pairs()

    def _forget_the_past(self, side: Side, before: int, now: int) -> None:
        """Drop what waits from before a jump.

        Of the other camera, which jumps earlier or later, only those frames go that lie nearer
        to the time before; its frames of the new time stay.
        """
        self._jumps += 1
        self._cameras[side].forget(lambda _: True)
        self._cameras[side.other].forget(lambda stamp: abs(stamp - before) < abs(stamp - now))

    def _take_pairs(self) -> list[MatchedPair[Frame]]:
        pairs = []
        while (positions := self._oldest_nearest()) and not self._nearer_may_come(*positions):
            pairs.append(self._take(*positions))
        return pairs

    def _oldest_nearest(self) -> tuple[int, int] | None:
        """Queue positions of the oldest left and right that are each other's nearest."""
        left, right = self._cameras[Side.LEFT], self._cameras[Side.RIGHT]
        if not right.queue:
            return None
        for position, (stamp, _) in enumerate(left.queue):
            partner = right.nearest(stamp)
            partner_stamp = right.queue[partner][0]
            within = abs(partner_stamp - stamp) <= self._slop
            if within and left.nearest(partner_stamp) == position:
                return position, partner
        return None

    def _nearer_may_come(self, left_position: int, right_position: int) -> bool:
        """Whether the camera that is behind may yet deliver a nearer partner.

        Later frames of the camera that is ahead are farther away, and a frame of the camera that
        is behind which already waits was compared; only its next one counts.
        """
        left_stamp = self._cameras[Side.LEFT].queue[left_position][0]
        right_stamp = self._cameras[Side.RIGHT].queue[right_position][0]
        behind = self._cameras[Side.LEFT if left_stamp < right_stamp else Side.RIGHT]
        ahead_stamp = max(left_stamp, right_stamp)
        next_distance = max(0, behind.earliest_next() - ahead_stamp)
        return next_distance < abs(left_stamp - right_stamp)

    def _take(self, left_position: int, right_position: int) -> MatchedPair[Frame]:
        left_stamp, left = self._cameras[Side.LEFT].take(left_position)
        right_stamp, right = self._cameras[Side.RIGHT].take(right_position)
        return MatchedPair(left, right, left_stamp, right_stamp)


@dataclass
class _Camera(Generic[Frame]):
    """One camera's waiting frames, oldest first, and what became of the others."""

    queue: list[tuple[int, Frame]] = field(default_factory=list)
    latest: int | None = None
    intervals: deque[int] = field(default_factory=lambda: deque(maxlen=_INTERVALS_KEPT))
    received: int = 0
    paired: int = 0
    unpaired: int = 0
    stamp_jump: int = 0

    def append(self, stamp: int, frame: Frame, queue_size: int) -> None:
        self.received += 1
        if self.latest is not None and stamp >= self.latest:
            self.intervals.append(stamp - self.latest)
        self.latest = stamp
        self.queue.append((stamp, frame))
        self._leave_unpaired(max(0, len(self.queue) - queue_size))

    def nearest(self, stamp: int) -> int:
        """Position of the waiting frame nearest to a stamp, the oldest of equals."""
        after = self._first_from(stamp)
        around = range(max(0, after - 1), min(after + 1, len(self.queue)))
        nearest = min(around, key=lambda position: abs(self.queue[position][0] - stamp))
        return self._first_from(self.queue[nearest][0])

    def earliest_next(self) -> int:
        """The earliest stamp its next frame is expected to carry."""
        return (self.latest or 0) + min(self.intervals, default=0)

    def take(self, position: int) -> tuple[int, Frame]:
        self._leave_unpaired(position)
        self.paired += 1
        return self.queue.pop(0)

    def forget(self, of_the_past: Callable[[int], bool]) -> None:
        kept = [(stamp, frame) for stamp, frame in self.queue if not of_the_past(stamp)]
        self.stamp_jump += len(self.queue) - len(kept)
        self.queue = kept

    def forget_waiting(self) -> None:
        self._leave_unpaired(len(self.queue))
        self.latest = None
        self.intervals.clear()

    def _first_from(self, stamp: int) -> int:
        return bisect_left(self.queue, stamp, key=itemgetter(0))

    def _leave_unpaired(self, number: int) -> None:
        self.unpaired += number
        del self.queue[:number]
