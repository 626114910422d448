"""The two cameras: takes their messages in, counts them and makes pairs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from sensor_msgs.msg import CameraInfo

from apanet_core.streaming.completion import Completion
from apanet_core.streaming.pairing import FrameCounts, MatchedPair, PairMatcher, Side
from apanet_core.streaming.skew import SkewHistogram, SkewSnapshot
from apanet_ros.image_conversion import ImageMessage
from apanet_ros.stamps import nanoseconds
from apanet_ros.stereo.message_filters_matcher import MessageFiltersMatcher

NEAREST = "nearest"
"""Our own synchroniser; the others are those of message_filters."""
LATEST, SYNCHRONISED, NONE = CAMERA_INFO_CHOICES = "latest", "synchronised", "none"
"""Which camera_info goes with an image: its own or the latest, only its own, or none."""

CAMERA_INFOS_OVERDUE_SECONDS = 10.0
"""Without any camera_info for so long, a replay goes on without."""


@dataclass(frozen=True)
class InputOptions:
    """How pairs are made; times in nanoseconds.

    Attributes:
        slop: largest stamp difference that pairs.
        queue_size: images of each camera that may wait for a partner, and pairs that may wait for
            their camera_infos.
        left_offset, right_offset: what is added to a camera's stamps before they are compared.
        synchroniser: "nearest", or "exact" or "approximate" of message_filters.
        camera_info: one of `CAMERA_INFO_CHOICES`.
        camera_infos_kept: how many of each camera are remembered.
    """

    slop: int
    queue_size: int
    left_offset: int = 0
    right_offset: int = 0
    synchroniser: str = NEAREST
    camera_info: str = LATEST
    camera_infos_kept: int = 30

    def offset(self, side: Side) -> int:
        """What is added to the stamps of one camera."""
        return self.left_offset if side is Side.LEFT else self.right_offset


@dataclass(frozen=True)
class ReceivedImage:
    """An image and when it came, in seconds of a monotonic clock."""

    message: ImageMessage
    received: float


StereoPair = MatchedPair[ReceivedImage]
"""A left and a right image of one moment, with their stamps in nanoseconds, offsets added."""


@dataclass(frozen=True)
class InputSnapshot:
    """What has come in so far.

    `waiting_skew` is the smallest stamp difference, in nanoseconds, between a left and a right
    image that wait for a partner; None unless both sides have one. `awaiting_camera_info` pairs
    wait for their camera_infos, `lacking_camera_info` left without.
    """

    frames: dict[Side, FrameCounts]
    camera_infos: dict[Side, int]
    stamp_jumps: int
    waiting_skew: int | None
    skews: SkewSnapshot = field(default_factory=lambda: SkewHistogram().snapshot())
    awaiting_camera_info: int = 0
    lacking_camera_info: int = 0


class StereoInput:
    """Pairs the images of two cameras and remembers their camera_infos.

    `take_image`, `take_camera_info`, `configure` and `snapshot` belong to one thread, the
    executor's; `camera_info` may be asked from any.

    Args:
        options: how pairs are made.
        deliver: gets every pair at once, or when its camera_infos are there if they must be.
        clock: seconds, monotonic.
        warn: takes a sentence for the log.

    Raises:
        ConfigError: the synchroniser is not installed.
    """

    def __init__(
        self,
        options: InputOptions,
        deliver: Callable[[StereoPair], None],
        clock: Callable[[], float],
        warn: Callable[[str], None],
    ) -> None:
        self._options = options
        self._matcher = _make_matcher(options, warn)
        self._deliver = deliver
        self._clock = clock
        self._camera_infos = {side: _CameraInfoCache(options.camera_infos_kept) for side in Side}
        self._completion = Completion(self._has_camera_infos, options.queue_size)
        self._skews = SkewHistogram()
        self._awaited_since = 0.0

    def configure(self, options: InputOptions) -> None:
        """Change limits and offsets from the next image on; the rest stays as it was."""
        self._options = options
        self._matcher.configure(options.slop, options.queue_size)
        self._completion.limit = options.queue_size

    def take_image(self, side: Side, message: ImageMessage) -> None:
        """Take one image in and deliver what it completes."""
        image = ReceivedImage(message, self._clock())
        stamp = nanoseconds(message.header.stamp) + self._options.offset(side)
        for pair in self._matcher.add(side, stamp, image):
            self._skews.add(pair.skew)
            if not self._completion.waiting:
                self._awaited_since = image.received
            self._deliver_all([pair] if self._may_go_at_once else self._completion.add(pair))

    def has_room(self, side: Side) -> bool:
        """Whether an image of this camera can come in without pushing one out that may yet pair.

        Once the other camera has delivered too, what is pushed out has no partner. Nor is a pair
        pushed out that waits for its camera_infos, unless none has come for long.
        """
        if self._completion.waiting >= self._options.queue_size and not self._overdue:
            return False
        waiting = {each: self._matcher.counts(each).waiting for each in Side}
        return waiting[side] < self._options.queue_size or waiting[side.other] > 0

    def take_camera_info(self, side: Side, message: CameraInfo) -> None:
        """Remember a camera_info and deliver the pairs that waited for it."""
        self._camera_infos[side].add(message)
        self._awaited_since = self._clock()
        self._deliver_all(self._completion.take_complete())

    def forget_waiting(self) -> None:
        """Let go of the images that wait for a partner; they count as unpaired."""
        self._matcher.forget_waiting()
        self._completion.forget_waiting()

    def reset_counts(self) -> None:
        """Begin to count anew; what waits counts as just received."""
        self._matcher.reset_counts()
        self._skews.reset()
        self._completion.incomplete = 0
        for cache in self._camera_infos.values():
            cache.received = 0

    def camera_info(self, side: Side, stamp: int) -> CameraInfo | None:
        """The camera's info of this stamp, as the image carries it, else its latest.

        None when none ever came, or none of this stamp where only that will do.
        """
        own, latest = self._camera_infos[side].find(stamp)
        return own if self._options.camera_info == SYNCHRONISED else own or latest

    def latest_camera_info(self, side: Side) -> CameraInfo | None:
        """The camera's latest info; None when none ever came."""
        return self._camera_infos[side].find(0)[1]

    def snapshot(self) -> InputSnapshot:
        """What has come in so far."""
        return InputSnapshot(
            frames={side: self._matcher.counts(side) for side in Side},
            camera_infos={side: self._camera_infos[side].received for side in Side},
            stamp_jumps=self._matcher.jumps,
            waiting_skew=self._matcher.waiting_skew(),
            skews=self._skews.snapshot(),
            awaiting_camera_info=self._completion.waiting,
            lacking_camera_info=self._completion.incomplete,
        )

    @property
    def _may_go_at_once(self) -> bool:
        return self._options.camera_info != SYNCHRONISED

    @property
    def _overdue(self) -> bool:
        """Whether pairs have waited for any camera_info for so long that none may come."""
        return self._clock() - self._awaited_since > CAMERA_INFOS_OVERDUE_SECONDS

    def _has_camera_infos(self, pair: StereoPair) -> bool:
        return all(
            self._camera_infos[side].find(nanoseconds(pair.frame(side).message.header.stamp))[0]
            for side in Side
        )

    def _deliver_all(self, pairs: list[StereoPair]) -> None:
        for pair in pairs:
            self._deliver(pair)


def _make_matcher(
    options: InputOptions, warn: Callable[[str], None]
) -> PairMatcher[ReceivedImage] | MessageFiltersMatcher[ReceivedImage]:
    if options.synchroniser == NEAREST:
        return PairMatcher(options.slop, options.queue_size)
    return MessageFiltersMatcher(options.synchroniser, options.slop, options.queue_size, warn)


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

    def find(self, stamp: int) -> tuple[CameraInfo | None, CameraInfo | None]:
        """The info of this stamp and the latest one; None where there is none."""
        with self._lock:
            of_stamp = (
                info for info in reversed(self._latest) if nanoseconds(info.header.stamp) == stamp
            )
            return next(of_stamp, None), self._latest[-1] if self._latest else None
