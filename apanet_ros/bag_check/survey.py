"""One pass over both cameras of a bag: what is there, nothing judged, no picture decoded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from sensor_msgs.msg import CameraInfo

from apanet_core.errors import ImageError
from apanet_core.progress import progress
from apanet_core.streaming.pairing import Side
from apanet_ros.bag_check.image_facts import image_format
from apanet_ros.bags.gaps import Gap, find_gaps
from apanet_ros.bags.header_stamp import header_stamp_ns
from apanet_ros.bags.image_messages import deserialize_camera_info
from apanet_ros.bags.reader import BagMessage, BagReader, BagTopic
from apanet_ros.bags.stereo_bag import CAMERA_INFO_TYPE
from apanet_ros.bags.stereo_index import CameraStamps
from apanet_ros.bags.stereo_topics import camera_info_of
from apanet_ros.errors import BagError

EXAMPLES_KEPT = 3

Take: TypeAlias = Callable[[BagMessage], None]


@dataclass
class CameraSurvey:
    """One camera.

    Attributes:
        topic: of its images.
        stamps: of all its images, damaged ones too.
        formats: images by size and encoding.
        damaged: images that cannot be read.
        examples: the first sentences that say why.
        info_topic: where its camera_infos should be.
        info_type: what that topic holds; empty where the bag has no such topic.
        infos: whole camera_infos.
        damaged_infos: the others.
        info: the first whole one.
        info_changes: how often the calibration differs from the one before.
        info_stamps: their stamps.
    """

    topic: BagTopic
    info_topic: str
    info_type: str = ""
    stamps: CameraStamps = field(default_factory=CameraStamps)
    formats: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    examples: list[str] = field(default_factory=list)
    infos: int = 0
    damaged_infos: int = 0
    info: CameraInfo | None = None
    info_changes: int = 0
    info_stamps: set[int] = field(default_factory=set)
    _latest: CameraInfo | None = None

    def take_image(self, message: BagMessage) -> None:
        """Take the next image in."""
        self.stamps.add(message)
        try:
            self.formats[image_format(message)] += 1
        except ImageError as error:
            self.damaged += 1
            if len(self.examples) < EXAMPLES_KEPT:
                self.examples.append(f"{message.topic} at {message.time_ns} ns: {error}")

    def take_info(self, message: BagMessage) -> None:
        """Take the next camera_info in."""
        try:
            info = deserialize_camera_info(message)
        except ImageError:
            self.damaged_infos += 1
            return
        self.infos += 1
        self.info_stamps.add(header_stamp_ns(message.serialized))
        self.info = self.info or info
        if self._latest is not None and _numbers(self._latest) != _numbers(info):
            self.info_changes += 1
        self._latest = info

    @property
    def images(self) -> int:
        """How many images there are, damaged ones too."""
        return len(self.stamps.stamps_ns)

    @property
    def without_info(self) -> int:
        """Images of whose stamp there is no camera_info."""
        return sum(stamp not in self.info_stamps for stamp in self.stamps.known_ns)


@dataclass
class BagSurvey:
    """What a bag holds of its two cameras, from its start in nanoseconds since the epoch on."""

    path: Path
    storage: str
    start_ns: int
    seconds: float
    cameras: dict[Side, CameraSurvey]
    side_by_side: str = ""
    """The topic whose images hold both views; empty where there are two."""

    @property
    def gaps(self) -> list[Gap]:
        """Each time of over a minute in which no image was recorded."""
        times = (camera.stamps.times_ns for camera in self.cameras.values())
        return list(find_gaps(self.start_ns, sorted(chain(*times))))


def survey_bag(reader: BagReader, topics: tuple[BagTopic, BagTopic]) -> BagSurvey:
    """Read all images and camera_infos of two image topics, left and right, one at a time.

    Raises:
        BagError: the bag cannot be read to its end.
    """
    types = {topic.name: topic.message_type for topic in reader.topics}
    cameras = {side: _camera(topic, types) for side, topic in zip(Side, topics, strict=True)}
    takers: dict[str, list[Take]] = {}
    for camera in cameras.values():
        takers.setdefault(camera.topic.name, []).append(camera.take_image)
        if camera.info_type == CAMERA_INFO_TYPE:
            takers.setdefault(camera.info_topic, []).append(camera.take_info)
    counts = {topic.name: topic.message_count for topic in reader.topics}
    total = sum(counts[name] for name in takers)
    for message in progress(reader.messages(takers), "check", total, unit="message"):
        for take in takers[message.topic]:
            take(message)
    return BagSurvey(
        reader.path, reader.storage, reader.start_ns, reader.duration_ns / 1e9, cameras
    )


def _camera(topic: BagTopic, types: dict[str, str]) -> CameraSurvey:
    name = camera_info_of(topic.name)
    return CameraSurvey(topic, name, types.get(name, ""))


def check_that_images_exist(topics: tuple[BagTopic, BagTopic]) -> None:
    """Raise `BagError` unless both topics hold messages."""
    for topic in topics:
        if not topic.message_count:
            raise BagError(
                f"{topic.name} holds no image: was its camera running, and recorded with a quality "
                "of service that fits?"
            )


def _numbers(info: CameraInfo) -> tuple[object, ...]:
    return (
        (info.width, info.height, info.distortion_model, info.binning_x, info.binning_y),
        (*info.k, *info.r, *info.p, *info.d),
        (info.roi.x_offset, info.roi.y_offset, info.roi.width, info.roi.height),
    )
