"""Measures whether rows of pairs fit, and whether they would once rectified by camera_infos."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from sensor_msgs.msg import CameraInfo

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration
from apanet_core.imaging.plausibility import implausible, shows_little
from apanet_core.imaging.rectification import Rectifier
from apanet_core.imaging.row_offset import RowOffset, row_offset
from apanet_core.imaging.types import ByteImage
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.row_check import LARGEST_OFFSET, RowCheck
from apanet_ros.stereo.camera_info import calibration_of

_TRIALS = 3
_TRIALS_NEEDED = 2

_SHOWS_LITTLE = "Rectified by them, the images would show hardly anything: calibrate anew."

FindInfo = Callable[[Side], CameraInfo | None]


@dataclass(frozen=True)
class RowFit:
    """What was measured of the last pairs.

    Attributes:
        offset: pixels by which rows differ; None where too little was in the pictures to tell.
        rectified_offset: the same once rectified by the camera_infos; None where that was not
            tried, where they do not serve, or too little was left in the pictures to tell.
        problem: why they do not serve, with what to do; empty where nothing is known against them.
    """

    offset: float | None = None
    rectified_offset: float | None = None
    problem: str = ""

    @property
    def apart(self) -> bool:
        """Whether rows are known not to fit."""
        return self.offset is not None and self.offset > LARGEST_OFFSET

    @property
    def mended(self) -> bool:
        """Whether rows are known to fit once rectified by the camera_infos."""
        return self.rectified_offset is not None and self.rectified_offset <= LARGEST_OFFSET


class RowFitCheck:
    """Measures pairs as a `RowCheck` does. One thread measures, any may ask.

    Args:
        clock: seconds, monotonic.
        find_info: the camera_info of a side, None while there is none. Without, as for pairs that
            are rectified before they come here, nothing is tried.
        info_topics: what problems name.
        always: whether to try the camera_infos also while rows fit.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        find_info: FindInfo | None,
        info_topics: Mapping[Side, str],
        always: bool = False,
    ) -> None:
        self._check = RowCheck(clock)
        self._find_info = find_info
        self._info_topics = info_topics
        self._always = always
        self._rectifiers = {side: Rectifier() for side in Side}
        self._trials: deque[float | None] = deque(maxlen=_TRIALS)
        self._problem = ""
        self.fit = RowFit()

    def measure_if_due(self, left: ByteImage, right: ByteImage) -> None:
        """Measure a pair, uint8 RGB `[H,W,3]`, if it is time."""
        if self._check.due:
            self.measure(left, right)

    def measure(self, left: ByteImage, right: ByteImage) -> RowOffset | None:
        """Measure a pair, uint8 RGB `[H,W,3]` of one size, and return what it showed as it came."""
        measured = self._check.look(left, right)
        if self._find_info is not None and (self._always or _apart(measured)):
            self._problem = self._try(left, right, measured)
        self.fit = RowFit(self._check.offset, self._rectified_offset(), self._problem)
        return measured

    def _try(self, left: ByteImage, right: ByteImage, plain: RowOffset | None) -> str:
        """Measure the pair once rectified; return what is wrong with the camera_infos."""
        try:
            calibrations = self._calibrations(left)
            new_left, new_right = (
                self._rectify(side, view, calibrations[side])
                for side, view in zip(Side, (left, right), strict=True)
            )
        except ImageError as error:
            self._trials.clear()
            return str(error)
        if any(map(shows_little, calibrations.values())):
            self._trials.clear()
            return self._doubt(calibrations) or _SHOWS_LITTLE
        same = new_left is left and new_right is right
        found = plain if same else row_offset(new_left, new_right)
        self._trials.append(None if found is None else found.pixels)
        return self._doubt(calibrations) if found is None or _apart(found) else ""

    def _rectified_offset(self) -> float | None:
        offsets = [offset for offset in self._trials if offset is not None]
        return median(offsets) if len(offsets) >= _TRIALS_NEEDED else None

    def _calibrations(self, view: ByteImage) -> dict[Side, Calibration]:
        return {side: self._calibration(side, (view.shape[1], view.shape[0])) for side in Side}

    def _calibration(self, side: Side, size: tuple[int, int]) -> Calibration:
        info = self._find_info(side) if self._find_info is not None else None
        topic = self._info_topics[side]
        if info is None:
            raise ImageError(
                f"There is no camera_info on {topic}: calibrate the cameras as a stereo pair."
            )
        try:
            return calibration_of(info, size)
        except ImageError as error:
            raise ImageError(f"{topic}: {error}") from error

    def _rectify(self, side: Side, view: ByteImage, calibration: Calibration) -> ByteImage:
        try:
            return self._rectifiers[side].rectify(view, calibration)
        except ImageError as error:
            raise ImageError(f"{self._info_topics[side]}: {error}") from error

    def _doubt(self, calibrations: Mapping[Side, Calibration]) -> str:
        """Return what is hard to believe of them."""
        for side, calibration in calibrations.items():
            if doubt := implausible(calibration):
                return f"{self._info_topics[side]}: {doubt}"
        return ""


def _apart(measured: RowOffset | None) -> bool:
    return measured is not None and measured.pixels > LARGEST_OFFSET
