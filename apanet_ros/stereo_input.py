"""The two cameras: takes their messages in, counts them and makes pairs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from sensor_msgs.msg import CameraInfo, Image

from apanet_core.streaming.pairing import FrameCounts, MatchedPair, PairMatcher, Side
from apanet_ros.stamps import nanoseconds

_CAMERA_INFOS_KEPT = 30


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
    """

    def __init__(
        self,
        slop: int,
        queue_size: int,
        deliver: Callable[[StereoPair], None],
        clock: Callable[[], float],
    ) -> None:
        self._matcher = PairMatcher[ReceivedImage](slop, queue_size)
        self._deliver = deliver
        self._clock = clock
        self._camera_infos = {side: _CameraInfoCache() for side in Side}

    def configure(self, slop: int, queue_size: int) -> None:
        """Change the limits of pairing, from the next image on."""
        self._matcher.configure(slop, queue_size)

    def take_image(self, side: Side, message: Image) -> None:
        """Take one image in and deliver what it completes."""
        image = ReceivedImage(message, self._clock())
        for pair in self._matcher.add(side, nanoseconds(message.header.stamp), image):
            self._deliver(pair)

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

    def __init__(self) -> None:
        self._lock = Lock()
        self._latest: deque[CameraInfo] = deque(maxlen=_CAMERA_INFOS_KEPT)
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
