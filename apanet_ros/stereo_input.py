"""The two cameras: takes their messages in, counts them and makes pairs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from sensor_msgs.msg import CameraInfo, Image

from apanet_core.streaming.pairing import FrameCounts, MatchedPair, PairMatcher, Side
from apanet_ros.stamps import nanoseconds


@dataclass(frozen=True)
class ReceivedImage:
    """An image and when it came, in seconds of a monotonic clock."""

    message: Image
    received: float


StereoPair = MatchedPair[ReceivedImage]
"""A left and a right image of one moment, with their stamps in nanoseconds."""


@dataclass(frozen=True)
class InputSnapshot:
    """What has come in so far.

    `waiting_skew` is the smallest stamp difference, in nanoseconds, between a left and a right
    image that wait for a partner; None unless both sides have one.
    """

    frames: dict[Side, FrameCounts]
    camera_infos: dict[Side, int]
    stamp_jumps: int
    waiting_skew: int | None


class StereoInput:
    """Pairs the images of two cameras and remembers their camera_infos.

    `take_image`, `take_camera_info`, `configure` and `snapshot` belong to one thread, the
    executor's; `camera_info` may be asked from any.

    Args:
        slop: largest stamp difference that pairs, in nanoseconds.
        queue_size: images of each camera that may wait for a partner.
        deliver: gets every pair at once.
        clock: seconds, monotonic.
        camera_infos_kept: how many of each camera are remembered.
    """

    def __init__(
        self,
        slop: int,
        queue_size: int,
        deliver: Callable[[StereoPair], None],
        clock: Callable[[], float],
        camera_infos_kept: int = 30,
    ) -> None:
        self._matcher = PairMatcher[ReceivedImage](slop, queue_size)
        self._queue_size = queue_size
        self._deliver = deliver
        self._clock = clock
        self._camera_infos = {side: _CameraInfoCache(camera_infos_kept) for side in Side}

    def configure(self, slop: int, queue_size: int) -> None:
        """Change the limits of pairing, from the next image on."""
        self._queue_size = queue_size
        self._matcher.configure(slop, queue_size)

    def take_image(self, side: Side, message: Image) -> None:
        """Take one image in and deliver what it completes."""
        image = ReceivedImage(message, self._clock())
        for pair in self._matcher.add(side, nanoseconds(message.header.stamp), image):
            self._deliver(pair)

    def has_room(self, side: Side) -> bool:
        """Whether an image of this camera can come in without pushing one out that may yet pair.

        Once the other camera has delivered too, what is pushed out has no partner.
        """
        waiting = {each: self._matcher.counts(each).waiting for each in Side}
        return waiting[side] < self._queue_size or waiting[side.other] > 0

    def take_camera_info(self, side: Side, message: CameraInfo) -> None:
        """Remember a camera_info."""
        self._camera_infos[side].add(message)

    def forget_waiting(self) -> None:
        """Let go of the images that wait for a partner; they count as unpaired."""
        self._matcher.forget_waiting()

    def reset_counts(self) -> None:
        """Begin to count anew; what waits counts as just received."""
        self._matcher.reset_counts()
        for cache in self._camera_infos.values():
            cache.received = 0

    def camera_info(self, side: Side, stamp: int) -> CameraInfo | None:
        """The camera's info of this stamp, else its latest; None when none ever came."""
        return self._camera_infos[side].find(stamp)

    def snapshot(self) -> InputSnapshot:
        """What has come in so far."""
        return InputSnapshot(
            frames={side: self._matcher.counts(side) for side in Side},
            camera_infos={side: self._camera_infos[side].received for side in Side},
            stamp_jumps=self._matcher.jumps,
            waiting_skew=self._matcher.waiting_skew(),
        )


class _CameraInfoCache:
    """The latest camera_infos of one camera."""

    def __init__(self, kept: int) -> None:
        self._lock = Lock()
        self._latest: deque[CameraInfo] = deque(maxlen=kept)
        self.received = 0

    def add(self, info: CameraInfo) -> None:
        with self._lock:
            self._latest.append(info)
            self.received += 1

    def find(self, stamp: int) -> CameraInfo | None:
        with self._lock:
            for info in reversed(self._latest):
                if nanoseconds(info.header.stamp) == stamp:
                    return info
            return self._latest[-1] if self._latest else None
