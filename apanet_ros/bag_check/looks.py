"""A few pairs of a bag, decoded, to see whether their rows fit and which view is which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from apanet_core.errors import ImageError
from apanet_core.imaging.white_level import WhiteLevel, eight_bits
from apanet_core.streaming.pairing import Side
from apanet_ros.bag_check.survey import BagSurvey, CameraSurvey
from apanet_ros.bags.image_messages import decode_image
from apanet_ros.bags.reader import BagMessage, BagReader
from apanet_ros.stereo.row_fit import RowFit, RowFitCheck
from apanet_ros.stereo.stereo_conversion import Views

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
        problem: why they do not.
        disparity: median column of a point in the left picture minus that in the right; pixels.
        views: one pair, uint8 RGB `[H,W,3]` each, to show.
    """

    size: tuple[tuple[int, int], tuple[int, int]] | None = None
    row_offset: float | None = None
    rectified_offset: float | None = None
    problem: str = ""
    disparity: float | None = None
    views: Views | None = None

    @property
    def fit(self) -> RowFit:
        """What was measured of the rows."""
        return RowFit(self.row_offset, self.rectified_offset, self.problem)


def look_at_pairs(reader: BagReader, survey: BagSurvey, pairs: Sequence[tuple[int, int]]) -> Looks:
    """Decode pairs spread over the bag, few of them, and measure them."""
    measuring = _Measuring(survey)
    for views in _sample(reader, survey, pairs):
        measuring.look(views)
        if measuring.done:
            break
    return measuring.looks


class _Measuring:
    """What the pairs showed so far."""

    def __init__(self, survey: BagSurvey) -> None:
        self.looks = Looks()
        self._rows = RowFitCheck(
            clock=lambda: 0.0,
            find_info=lambda side: survey.cameras[side].info,
            info_topics={side: camera.info_topic for side, camera in survey.cameras.items()},
            always=True,
        )
        self._disparities: list[float] = []

    @property
    def done(self) -> bool:
        """Whether another pair would tell no more."""
        left, right = self.looks.size or (None, None)
        return left != right or self.looks.row_offset is not None

    def look(self, views: Views) -> None:
        left, right = (view.shape[1::-1] for view in views)
        self.looks.size = (left[0], left[1]), (right[0], right[1])
        if left != right:
            return
        self.looks.views = views
        if (measured := self._rows.measure(*views)) is not None:
            self._disparities.append(measured.disparity)
            self.looks.disparity = median(self._disparities)
        fit = self._rows.fit
        self.looks.row_offset, self.looks.rectified_offset = fit.offset, fit.rectified_offset
        self.looks.problem = fit.problem


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
            samples = [decode_image(message)[1] for message in messages]
            left, right = map(eight_bits, WhiteLevel().pictures(samples))
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
