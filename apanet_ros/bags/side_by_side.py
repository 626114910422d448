"""A bag whose one image topic holds both views, read as if it held two cameras."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_core.streaming.pairing import Side
from apanet_ros.bags.image_messages import deserialize_camera_info, deserialize_image
from apanet_ros.bags.reader import BagMessage, BagReader, BagTopic
from apanet_ros.bags.stereo_bag import CAMERA_INFO_TYPE
from apanet_ros.bags.stereo_topics import (
    IMAGE_TYPES,
    base_name,
    camera_info_of,
    derained_names,
)
from apanet_ros.errors import BagError
from apanet_ros.image_conversion import read_rgb, write_compressed
from apanet_ros.stereo.camera_info import calibration_of
from apanet_ros.stereo.side_by_side import camera_info_halves, image_halves

QUALITY = 100
"""Of a JPEG's views, which are encoded anew: as good as it gets."""

Cut = Callable[[BagMessage], dict[str, bytes]]
"""Makes messages of other topics, by their names, of one message."""


class SideBySideReader(BagReader):
    """Reads a bag and, beside what it holds, the views of one of its topics as topics of their own.

    `/stereo/image_raw` gives `/stereo/left/image_raw` and `/stereo/right/image_raw`, and its
    camera_info one of each, unless the bag holds those.

    Args:
        path: of the bag.
        topic: of the images of both views, raw or compressed.
        derained: whether the views are called as derained ones are, to be derained in place.

    Attributes:
        views: the names of the left and the right image topic.
    """

    views: tuple[str, str]

    def __init__(self, path: Path, topic: str, derained: bool = False) -> None:
        super().__init__(path)
        self._topic = topic
        self._width = 0
        parent, _, last = topic.rpartition("/")
        if topic.endswith("/compressed"):
            parent, _, last = parent.rpartition("/")
            last = f"{last}/compressed"
        self.views = f"{parent}/left/{last}", f"{parent}/right/{last}"
        self._infos = camera_info_of(self.views[0]), camera_info_of(self.views[1])
        self._names = {name: name for name in (*self.views, *self._infos)}
        if derained:
            self._names = derained_names(*self.views)
            self.views = self._names[self.views[0]], self._names[self.views[1]]

    def __enter__(self) -> SideBySideReader:
        super().__enter__()
        try:
            self._check()
            self._width = self._width_of_images()
        except BagError:
            self._stack.close()
            raise
        return self

    @property
    def topics(self) -> tuple[BagTopic, ...]:
        recorded = {topic.name: topic for topic in super().topics}
        image = recorded[self._topic]
        made = [_like(image, view) for view in self.views]
        for source, names in self._info_sources(recorded).items():
            made += [_like(recorded[source], name) for name in names if name not in recorded]
        return tuple(sorted([*recorded.values(), *made], key=lambda topic: topic.name))

    def messages(
        self, topics: Collection[str], start_ns: int | None = None, stop_ns: int | None = None
    ) -> Iterator[BagMessage]:
        recorded = {topic.name: topic for topic in super().topics}
        sources = {self._topic: list(self.views), **self._info_sources(recorded)}
        wanted = {name for name in recorded if name in topics}
        wanted |= {source for source, names in sources.items() if set(names) & set(topics)}
        for message in super().messages(wanted, start_ns, stop_ns):
            if message.topic in topics:
                yield message
            for name, data in self._made_of(message, sources.get(message.topic, [])):
                if name in topics and name != message.topic:
                    yield BagMessage(name, message.message_type, message.time_ns, data)

    def _info_sources(self, recorded: dict[str, BagTopic]) -> dict[str, list[str]]:
        """Return what the camera_infos of the views are made of, each with their names."""
        own = [name for name in self._infos if _is_info(recorded, name)]
        sources = {name: [self._names[name]] for name in own}
        whole = camera_info_of(self._topic)
        if len(own) < len(Side) and _is_info(recorded, whole):
            sources[whole] = [self._names[name] for name in self._infos if name not in own]
        return sources

    def _made_of(self, message: BagMessage, names: list[str]) -> Iterator[tuple[str, bytes]]:
        if not names:
            return
        if message.topic == self._topic:
            yield from zip(names, self._cut_image(message), strict=True)
        elif message.topic in self._infos:
            yield names[0], message.serialized
        else:
            halves = dict(
                zip(
                    (self._names[name] for name in self._infos),
                    self._cut_info(message),
                    strict=True,
                )
            )
            yield from ((name, halves[name]) for name in names)

    def _cut_image(self, message: BagMessage) -> tuple[bytes, bytes]:
        """Return the messages of both views; of an image that cannot be read, itself twice."""
        try:
            image = deserialize_image(message)
            halves = image_halves(image)
        except ImageError:
            return message.serialized, message.serialized  # Whoever reads it says why it cannot.
        left, right = (bytes(serialize_message(_in_the_kind_of(image, half))) for half in halves)
        return left, right

    def _cut_info(self, message: BagMessage) -> tuple[bytes, bytes]:
        try:
            info = deserialize_camera_info(message)
            of_a_view = self._width and calibration_of(info).width == self._width // 2
        except ImageError:
            return message.serialized, message.serialized
        if of_a_view:
            return message.serialized, message.serialized
        left, right = (bytes(serialize_message(half)) for half in camera_info_halves(info))
        return left, right

    def _width_of_images(self) -> int:
        """Return the width of the first image that can be read, both views; 0 without one."""
        for message in super().messages([self._topic]):
            try:
                return 2 * int(image_halves(deserialize_image(message))[0].width)
            except ImageError:
                continue
        return 0

    def _check(self) -> None:
        """Raise `BagError` where the topic holds no images, or its views are topics already."""
        recorded = {topic.name: topic for topic in super().topics}
        images = sorted(
            name for name, topic in recorded.items() if topic.message_type in IMAGE_TYPES
        )
        if self._topic not in images:
            raise BagError(
                f"The bag has no image topic {self._topic} to hold both views; it has "
                f"{', '.join(images) or 'none'}."
            )
        for view in self.views:
            if base_name(view) in recorded or view in recorded:
                raise BagError(
                    f"The bag holds {view} already, so {self._topic} is not its only source: leave "
                    "--side-by-side out, or name another topic."
                )


def open_stereo_bag(path: Path, side_by_side: str = "", derained: bool = False) -> BagReader:
    """Return the reader of a bag, whose one topic of that name holds both views; empty: two do."""
    return SideBySideReader(path, side_by_side, derained) if side_by_side else BagReader(path)


def _like(topic: BagTopic, name: str) -> BagTopic:
    return BagTopic(
        name,
        topic.message_type,
        topic.message_count,
        topic.offered_qos,
        topic.definition,
        topic.digest,
    )


def _is_info(recorded: dict[str, BagTopic], name: str) -> bool:
    return name in recorded and recorded[name].message_type == CAMERA_INFO_TYPE


def _in_the_kind_of(image: Image | CompressedImage, half: Image) -> Image | CompressedImage:
    """Return a view compressed where the image is, so that what is derained stays small."""
    if not isinstance(image, CompressedImage):
        return half
    file_format = "png" if "png" in image.format.lower() else "jpeg"
    return write_compressed(read_rgb(half), "same", image, file_format, QUALITY)
