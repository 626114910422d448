"""A first pass over a bag: the stamps of both cameras, and which images belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from apanet_core.progress import progress
from apanet_core.recordings.job import DEFAULT_SLOP_MS
from apanet_core.streaming.pairing import PairMatcher, Side
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bags.header_stamp import header_stamp_ns
from apanet_ros.bags.reader import BagMessage, BagReader, BagTopic
from apanet_ros.errors import BagError

DEFAULT_SLOP_NS = round(DEFAULT_SLOP_MS * 1_000_000)
QUEUE_SIZE = 100
_A_DAY_NS = 86_400_000_000_000


@dataclass
class CameraStamps:
    """The images of one camera in the order of the bag.

    Attributes:
        stamps_ns: of their headers; None where a message is too short for one.
        times_ns: when they were recorded.
    """

    stamps_ns: list[int | None] = field(default_factory=list)
    times_ns: list[int] = field(default_factory=list)

    def add(self, message: BagMessage) -> None:
        """Take the next image in."""
        self.times_ns.append(message.time_ns)
        try:
            self.stamps_ns.append(header_stamp_ns(message.serialized))
        except BagError:
            self.stamps_ns.append(None)

    def shifted(self, offset_ns: int) -> CameraStamps:
        """Return them with an offset added to every stamp."""
        stamps = [None if stamp is None else stamp + offset_ns for stamp in self.stamps_ns]
        return CameraStamps(stamps, self.times_ns)

    @property
    def known_ns(self) -> list[int]:
        """The stamps that could be read."""
        return [stamp for stamp in self.stamps_ns if stamp is not None]


@dataclass(frozen=True)
class StereoIndex:
    """Both cameras of a bag.

    Attributes:
        left, right: their images.
        pairs: numbers of the left and the right image of each pair, in the order of the left.
    """

    left: CameraStamps
    right: CameraStamps
    pairs: list[tuple[int, int]]

    def rate_hz(self) -> float:
        """Pairs a second, from the median interval; 10 where there are not two pairs."""
        stamps = [self.left.stamps_ns[left] or 0 for left, _ in self.pairs]
        steps = [after - before for before, after in pairwise(stamps) if after > before]
        return NANOSECONDS / median(steps) if steps else 10.0


def index_pairs(
    reader: BagReader,
    topics: tuple[BagTopic, BagTopic],
    slop_ns: int = DEFAULT_SLOP_NS,
    right_offset_ns: int = 0,
) -> StereoIndex:
    """Read all stamps of two image topics and pair them by the node's rule, in their own order.

    When and in which order the bag recorded them makes no difference.

    Args:
        reader: of the bag, opened.
        topics: left and right.
        slop_ns: largest difference of the stamps of a pair.
        right_offset_ns: added to right stamps before they are compared.

    Raises:
        BagError: the bag cannot be read to its end.
    """
    left, right = read_stamps(reader, topics)
    return StereoIndex(left, right, pair_recordings(left, right.shifted(right_offset_ns), slop_ns))


def read_stamps(reader: BagReader, topics: Sequence[BagTopic]) -> list[CameraStamps]:
    """Read the stamps of the images of some topics, in one pass; raises `BagError`."""
    cameras = {topic.name: CameraStamps() for topic in topics}
    total = sum(topic.message_count for topic in topics)
    for message in progress(reader.messages(cameras), "read stamps", total, unit="image"):
        cameras[message.topic].add(message)
    return list(cameras.values())


def pair_cameras(
    left: CameraStamps,
    right: CameraStamps,
    slop_ns: int = DEFAULT_SLOP_NS,
    queue_size: int = QUEUE_SIZE,
) -> list[tuple[int, int]]:
    """Pair two cameras as the node would, their images coming in the order of the bag.

    Returns:
        Numbers of the left and the right image of each pair, in the order of the left.
    """
    order = _in_bag_order({Side.LEFT: left, Side.RIGHT: right})
    return pair_stamps(order, slop_ns, queue_size)


def pair_recordings(
    one: CameraStamps, other: CameraStamps, slop_ns: int = DEFAULT_SLOP_NS
) -> list[tuple[int, int]]:
    """Pair images by their stamps alone, in whatever order and however late they were recorded.

    Returns:
        Numbers of the image of `one` and of `other` of each pair, in the order of `one`.
    """
    order = _in_stamp_order({Side.LEFT: one, Side.RIGHT: other})
    return pair_stamps(order, slop_ns)


def pair_stamps(
    frames: Iterable[tuple[Side, int, int]], slop_ns: int, queue_size: int = QUEUE_SIZE
) -> list[tuple[int, int]]:
    """Pair frames, each its side, stamp in ns and number, in the order they came."""
    matcher = PairMatcher[int](slop_ns, queue_size)
    pairs = []
    latest = 0
    for side, stamp, number in frames:
        pairs += matcher.add(side, stamp, number)
        latest = max(latest, stamp)
    # Nothing comes after the last frames, but the matcher waits for it: tell it by frames of the
    # next day, which pair with each other alone.
    for side in Side:
        pairs += [pair for pair in matcher.add(side, latest + _A_DAY_NS, -1) if pair.left != -1]
    return sorted((pair.left, pair.right) for pair in pairs)


def _in_bag_order(cameras: dict[Side, CameraStamps]) -> list[tuple[Side, int, int]]:
    frames = [
        (time_ns, side, stamp_ns, number)
        for side, camera in cameras.items()
        for number, (time_ns, stamp_ns) in enumerate(
            zip(camera.times_ns, camera.stamps_ns, strict=True)
        )
        if stamp_ns is not None
    ]
    frames.sort(key=lambda frame: frame[0])
    return [(side, stamp_ns, number) for _, side, stamp_ns, number in frames]


def _in_stamp_order(cameras: dict[Side, CameraStamps]) -> list[tuple[Side, int, int]]:
    frames = []
    for side, camera in cameras.items():
        seen: Counter[int] = Counter()
        for number, stamp_ns in enumerate(camera.stamps_ns):
            if stamp_ns is not None:
                # Equal stamps, as of a bag that loops, take turns: no queue fills with one side.
                frames.append((stamp_ns, seen[stamp_ns], side, number))
                seen[stamp_ns] += 1
    frames.sort(key=lambda frame: frame[:2])
    return [(side, stamp_ns, number) for stamp_ns, _, side, number in frames]
