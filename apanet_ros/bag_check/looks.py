"""A few pairs of a bag, decoded, to see whether their rows fit and which view is which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from apanet_core.errors import ImageError
from apanet_core.imaging.rectification import Rectifier
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.row_check import RowCheck
from apanet_ros.bag_check.survey import BagSurvey, CameraSurvey
from apanet_ros.bags.image_messages import decode_image
from apanet_ros.bags.reader import BagMessage, BagReader
from apanet_ros.camera_info import calibration_of
from apanet_ros.stereo_conversion import Views

LOOKS = 3
_TRIES = 9
"""Pairs that are damaged or show too little are passed over, so many in all."""


@dataclass
class Looks:
    """What some pairs showed.

    Attributes:
        size: width and height of left and right; None where no pair could be read.
        row_offset: pixels by which rows differ, as the node measures it; None where too little is
            in the pictures to tell.
        rectified_offset: the same once rectified by the camera_infos; None also where they do not
            serve.
        rectify_error: why they do not.
        disparity: median column of a point in the left picture minus that in the right; pixels.
        views: one pair, uint8 RGB `[H,W,3]` each, to show.
    """

    size: tuple[tuple[int, int], tuple[int, int]] | None = None
    row_offset: float | None = None
    rectified_offset: float | None = None
    rectify_error: str = ""
    disparity: float | None = None
    views: Views | None = None


def look_at_pairs(reader: BagReader, survey: BagSurvey, pairs: Sequence[tuple[int, int]]) -> Looks:
    """Decode pairs spread over the bag, few of them, and measure them."""
    looks = Looks()
    disparities: list[float] = []
    plain, rectified = (RowCheck(clock=lambda: 0.0) for _ in range(2))
    rectifiers = {side: Rectifier() for side in Side}
    for views in _sample(reader, survey, pairs):
        left, right = views
        looks.size = (left.shape[1], left.shape[0]), (right.shape[1], right.shape[0])
        if looks.size[0] != looks.size[1]:
            return looks
        looks.views = views
        if (measured := plain.look(left, right)) is not None:
            disparities.append(measured.disparity)
        try:
            rectified.look(*_rectified(survey, views, rectifiers))
        except ImageError as error:
            looks.rectify_error = str(error)
        if plain.offset is not None:
            break
    looks.row_offset, looks.rectified_offset = plain.offset, rectified.offset
    looks.disparity = median(disparities) if disparities else None
    return looks


def _rectified(survey: BagSurvey, views: Views, rectifiers: dict[Side, Rectifier]) -> Views:
    pictures = []
    for side, view in zip(Side, views, strict=True):
        info = survey.cameras[side].info
        if info is None:
            raise ImageError(f"There is no camera_info on {survey.cameras[side].info_topic}.")
        size = view.shape[1], view.shape[0]
        pictures.append(rectifiers[side].rectify(view, calibration_of(info, size)))
    return pictures[0], pictures[1]


def _sample(
    reader: BagReader, survey: BagSurvey, pairs: Sequence[tuple[int, int]]
) -> Iterator[Views]:
    """Yield readable pairs, spread over the bag, sought by their times."""
    for place in _spread(len(pairs)):
        messages = [
            _message(reader, survey.cameras[side], number)
            for side, number in zip(Side, pairs[place], strict=True)
        ]
        try:
            left, right = (decode_image(message)[1] for message in messages)
        except ImageError:
            continue
        yield left, right


def _spread(count: int) -> list[int]:
    """Return up to `_TRIES` places in `count`, the first `LOOKS` of them far apart."""
    tries = min(_TRIES, count)
    places = [(2 * number + 1) * count // (2 * tries) for number in range(tries)]
    return [places[number] for step in range(LOOKS) for number in range(step, tries, LOOKS)]


def _message(reader: BagReader, camera: CameraSurvey, number: int) -> BagMessage:
    time_ns = camera.stamps.times_ns[number]
    return next(reader.messages([camera.topic.name], time_ns, time_ns + 1))
