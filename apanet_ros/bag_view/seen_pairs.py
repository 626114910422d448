"""Rainy and derained pictures of one camera, as they lie in bags or derained on the way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np

from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Derain
from apanet_core.imaging.types import ByteImage
from apanet_core.imaging.white_level import WhiteLevel, eight_bits
from apanet_core.streaming.pairing import Side
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bag_view.view_topics import Names, ViewTopics, find_view_topics
from apanet_ros.bags.image_messages import decode_image
from apanet_ros.bags.reader import BagMessage, BagReader, BagTopic
from apanet_ros.bags.side_by_side import open_stereo_bag
from apanet_ros.bags.stereo_index import CameraStamps, index_pairs, pair_recordings, read_stamps
from apanet_ros.errors import BagError
from apanet_ros.image_conversion import ImageMessage
from apanet_ros.stamps import nanoseconds

_SEEK_BELOW = 1 / 8
"""Share of a topic's messages below which they are sought one by one, not read through."""


@dataclass(frozen=True)
class SeenPair:
    """One moment of one camera.

    Attributes:
        stamp_ns: of the rainy image.
        time_ns: when that was recorded.
        frame_id: of the camera.
        rainy, derained: uint8 RGB `[H,W,3]`.
    """

    stamp_ns: int
    time_ns: int
    frame_id: str
    rainy: ByteImage
    derained: ByteImage


class SeenPairs(ABC):
    """Pairs in the order of time, decoded when they are asked for.

    Attributes:
        topics: where rainy and derained images come from, for a caption.
        stamps: of the rainy images of the pairs, nanoseconds.
    """

    topics: tuple[str, str]
    stamps: list[int]

    @property
    def rate_hz(self) -> float:
        """Pairs a second on average; 10 where there are not two."""
        seconds = (max(self.stamps) - min(self.stamps)) / NANOSECONDS
        return (len(self.stamps) - 1) / seconds if seconds > 0 else 10.0

    @abstractmethod
    def pairs(self, numbers: Sequence[int]) -> Iterator[SeenPair]:
        """Yield the pairs of rising numbers; those that cannot be read are left out."""


class RecordedPairs(SeenPairs):
    """Rainy and derained images that were both recorded; they belong together by their stamps."""

    def __init__(self, rainy: BagReader, derained: BagReader, topics: Sequence[BagTopic]) -> None:
        """Read all stamps of the rainy and the derained topic of one camera."""
        self._readers = rainy, derained
        self._images = [
            read_stamps(reader, [topic])[0]
            for reader, topic in zip(self._readers, topics, strict=True)
        ]
        self._topics = [topic.name for topic in topics]
        self._pairs = pair_recordings(self._images[0], self._images[1])
        self.topics = topics[0].name, topics[1].name
        self.stamps = [self._images[0].stamps_ns[one] or 0 for one, _ in self._pairs]

    def pairs(self, numbers: Sequence[int]) -> Iterator[SeenPair]:
        wanted = zip(*(self._pairs[number] for number in numbers), strict=True)
        streams = (
            _wanted(reader, topic, images, list(places))
            for reader, topic, images, places in zip(
                self._readers, self._topics, self._images, wanted, strict=True
            )
        )
        level = WhiteLevel()
        for messages in zip(*streams, strict=True):
            try:
                (image, rainy), (_, derained) = map(decode_image, messages)
                views = level.pictures([rainy, derained])
                yield _seen(image, messages[0].time_ns, *map(eight_bits, views))
            except ImageError:
                continue


class PairsToDerain(SeenPairs):
    """Rainy images of both cameras, derained when they are asked for."""

    def __init__(
        self, reader: BagReader, topics: tuple[BagTopic, BagTopic], side: Side, derain: Derain
    ) -> None:
        """Read all stamps of both cameras; one `side` is shown."""
        self._reader = reader
        self._index = index_pairs(reader, topics)
        self._names = [topic.name for topic in topics]
        self._shown = list(Side).index(side)
        self._derain = derain
        self.topics = topics[self._shown].name, "derained on the way"
        self.stamps = [self._index.left.stamps_ns[left] or 0 for left, _ in self._index.pairs]

    def pairs(self, numbers: Sequence[int]) -> Iterator[SeenPair]:
        wanted = zip(*(self._index.pairs[number] for number in numbers), strict=True)
        cameras = self._index.left, self._index.right
        streams = (
            _wanted(self._reader, name, images, list(places))
            for name, images, places in zip(self._names, cameras, wanted, strict=True)
        )
        level = WhiteLevel()
        for messages in zip(*streams, strict=True):
            try:
                images, samples = zip(*map(decode_image, messages), strict=True)
                views = [eight_bits(view) for view in level.pictures(samples)]
                derained = self._derain(*views)
            except ImageError:
                continue
            shown = self._shown
            yield _seen(images[shown], messages[shown].time_ns, views[shown], derained[shown])


@contextmanager
def open_pairs(
    bags: Sequence[Path],
    side: Side,
    names: Names | None,
    derained_names: Names | None,
    load_derainer: Callable[[], Derain],
    side_by_side: str = "",
) -> Iterator[SeenPairs]:
    """Yield the pairs of one camera of one bag, or of a rainy and a derained one.

    Args:
        bags: one, or the rainy and the derained.
        side: which camera.
        names, derained_names: image topics, left and right; None finds them.
        load_derainer: called where the bag holds no derained images.
        side_by_side: in the rainy bag, the one topic whose images hold both views.

    Raises:
        BagError: a bag cannot be read, has no such topics, or nothing in it pairs.
    """
    with ExitStack() as stack:
        rainy = stack.enter_context(open_stereo_bag(bags[0], side_by_side))
        others = [stack.enter_context(BagReader(path)) for path in bags[1:]]
        derained = others[-1] if others else rainy
        topics = find_view_topics(rainy, derained, rainy.views or names, derained_names)
        pairs = _pairs(rainy, derained, topics, side, load_derainer)
        if not pairs.stamps:
            raise BagError(
                f"No image of {pairs.topics[0]} belongs to one of {pairs.topics[1]} by its stamp: "
                "are both of one recording?"
            )
        yield pairs


def spread(count: int, wanted: int) -> list[int]:
    """Return up to `wanted` numbers of `count`, evenly spread; all of them where `wanted` is 0."""
    if wanted == 0 or wanted >= count:
        return list(range(count))
    return [(2 * number + 1) * count // (2 * wanted) for number in range(wanted)]


def _pairs(
    rainy: BagReader,
    derained: BagReader,
    topics: ViewTopics,
    side: Side,
    load_derainer: Callable[[], Derain],
) -> SeenPairs:
    shown = list(Side).index(side)
    if topics.derained is None:
        return PairsToDerain(rainy, topics.rainy, side, load_derainer())
    return RecordedPairs(rainy, derained, (topics.rainy[shown], topics.derained[shown]))


def _seen(image: ImageMessage, time_ns: int, rainy: ByteImage, derained: ByteImage) -> SeenPair:
    header = image.header
    height, width = rainy.shape[:2]
    if derained.shape != rainy.shape:
        # Outputs of the node may be smaller (output_scale).
        larger = cv2.resize(derained, (width, height), interpolation=cv2.INTER_CUBIC)
        derained = np.asarray(larger, np.uint8)
    return SeenPair(nanoseconds(header.stamp), time_ns, header.frame_id, rainy, derained)


def _wanted(
    reader: BagReader, topic: str, images: CameraStamps, numbers: list[int]
) -> Iterator[BagMessage]:
    """Yield the messages of these numbers: sought where they are few, else read through."""
    rising = all(before < after for before, after in pairwise(numbers))
    if not rising or len(numbers) < _SEEK_BELOW * len(images.times_ns):
        for number in numbers:
            time_ns = images.times_ns[number]
            yield next(reader.messages([topic], time_ns, time_ns + 1))
        return
    messages = reader.messages([topic])
    for before, number in zip([-1, *numbers], numbers, strict=False):
        yield next(islice(messages, number - before - 1, None))
