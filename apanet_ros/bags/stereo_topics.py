"""Which topics of a bag are the two cameras, and what their derained images are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apanet_core.name_list import name_list
from apanet_ros.bags.reader import BagTopic
from apanet_ros.bags.stereo_bag import CAMERA_INFO_TYPE, IMAGE_TYPE
from apanet_ros.errors import BagError

COMPRESSED_TYPE = "sensor_msgs/msg/CompressedImage"
IMAGE_TYPES = (IMAGE_TYPE, COMPRESSED_TYPE)
COMPRESSED_SUFFIX = "/compressed"
_TRANSPORTS = (COMPRESSED_SUFFIX, "/compressedDepth", "/zstd", "/theora")
DERAINED = "derained"

_NAMES = "cam|camera|image|img|infra|ir|fisheye|mono|gray|grey|color|colour|sensor|stereo|eye"
_WORD = re.compile(r"(?<![a-z])left(?![a-z])|(?<![A-Za-z])Left(?=[A-Z])|(?<=[a-z])Left(?![a-z])")
_LETTER = re.compile(r"(?<=[/_-])[lL](?![A-Za-z0-9])|(?<=[a-z])L(?![A-Za-z0-9])")
_NUMBER = re.compile(rf"(?<![a-z])(?P<name>(?:{_NAMES})[/_-]?)(?P<number>0?[0-9])(?![a-z0-9])")
_FIRST_OF_TWO = (0, 1, 2)
"""Numbers of left cameras: the right one has the next."""


def find_stereo_topics(topics: Sequence[BagTopic]) -> tuple[BagTopic, BagTopic]:
    """Return the left and the right image topic of a bag.

    Rectified images go before others, raw ones before compressed, already derained ones last.

    Raises:
        BagError: no two image topics differ in a word such as left and right, or several pairs
            fit as well; the message lists the bag's image topics.
    """
    images = {topic.name: topic for topic in topics if topic.message_type in IMAGE_TYPES}
    partners = {
        name: partner
        for name in images
        if (partner := next(filter(images.__contains__, _partners(name)), None)) is not None
    }
    # Of cameras 0, 1 and 2 the second is the right one of the first, not the left one of the third.
    rights = set(partners.values())
    pairs = [
        (images[left], images[right]) for left, right in partners.items() if left not in rights
    ]
    if not pairs:
        raise BagError(f"No left and right image topic found: {_how_to_name(images)}")
    best = max(map(_rank, pairs))
    fitting = [pair for pair in pairs if _rank(pair) == best]
    if len(fitting) > 1:
        raise BagError(f"Several stereo cameras fit: {_how_to_name(images)}")
    return fitting[0]


def named_topics(topics: Sequence[BagTopic], names: tuple[str, str]) -> tuple[BagTopic, BagTopic]:
    """Return the two image topics of these names.

    Raises:
        BagError: both names are one, or the bag has no such topic; the message lists those there
            are.
    """
    images = {topic.name: topic for topic in topics if topic.message_type in IMAGE_TYPES}
    for name in names:
        if name not in images:
            raise BagError(f"The bag has no image topic {name}: {_how_to_name(images)}")
    if names[0] == names[1]:
        raise BagError(f"{names[0]} cannot be both cameras: {_how_to_name(images)}")
    return images[names[0]], images[names[1]]


def camera_info_of(topic: str) -> str:
    """Return the name of the camera_info topic beside an image topic."""
    return f"{base_name(topic).rpartition('/')[0]}/camera_info"


def base_name(topic: str) -> str:
    """Return the name that raw and compressed images of a camera share."""
    transport = next((each for each in _TRANSPORTS if topic.endswith(each)), "")
    return topic.removesuffix(transport)


def derained_names(left: str, right: str) -> dict[str, str]:
    """Return what the images and camera_infos of two image topics are called once derained.

    The node's way: `/stereo/left/image_rect` becomes `/stereo/derained/left/image_rect`.
    """
    parts = [base_name(topic).split("/") for topic in (left, right)]
    shared = 0
    for one, other in zip(*(part[:-1] for part in parts), strict=False):
        if one != other:
            break
        shared += 1
    names = (left, right, camera_info_of(left), camera_info_of(right))
    return {name: _inserted(name, max(1, shared)) for name in names}


def _inserted(name: str, position: int) -> str:
    parts = name.split("/")
    return "/".join([*parts[:position], DERAINED, *parts[position:]])


def _partners(name: str) -> Iterator[str]:
    """Yield what the right topic of a left one may be called."""
    if found := _WORD.search(name):
        right = "Right" if found[0][0].isupper() else "right"
        yield _WORD.sub(right.upper() if found[0].isupper() else right, name)
    if found := _LETTER.search(name):
        yield _LETTER.sub("R" if found[0].isupper() else "r", name)
    if (found := _NUMBER.search(name)) and int(found["number"]) in _FIRST_OF_TWO:
        following = f"{int(found['number']) + 1:0{len(found['number'])}}"
        yield _NUMBER.sub(lambda match: match["name"] + following, name)


def _rank(pair: tuple[BagTopic, BagTopic]) -> tuple[bool, bool, bool, bool, bool, bool, int]:
    left, right = pair
    return (
        DERAINED not in left.name,
        # An empty topic, as drivers advertise for formats that nobody recorded, is no camera.
        min(left.message_count, right.message_count) > 0,
        "rect" in left.name,
        # Cameras that are only numbered may belong to two stereo cameras.
        bool(_WORD.search(left.name)) and not _WORD.search(right.name),
        left.message_type == IMAGE_TYPE,
        left.name.endswith(COMPRESSED_SUFFIX),
        left.message_count,
    )


def _how_to_name(images: Sequence[str] | dict[str, BagTopic]) -> str:
    names = name_list(sorted(images)) or "none"
    return f"name them with --topics LEFT RIGHT; image topics in the bag: {names}."


def is_camera_info(topic: BagTopic) -> bool:
    """Whether a topic carries camera_infos."""
    return topic.message_type == CAMERA_INFO_TYPE
