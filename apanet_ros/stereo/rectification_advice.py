"""Tells when inputs do not look rectified, since the network takes rows for epipolar lines."""

from __future__ import annotations

from collections.abc import Mapping

from sensor_msgs.msg import CameraInfo

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.row_check import LARGEST_OFFSET
from apanet_ros.stereo.camera_info import Size, calibration_of

_LARGEST_DIFFERENCE = 0.5


def rectification_advice(
    infos: Mapping[Side, CameraInfo | None],
    row_offset: float | None,
    rectify: bool,
    size: Size | None = None,
) -> list[str]:
    """Return a sentence, with what to do, for each sign that rows are no epipolar lines.

    What the pictures show counts, not what their topics are called: rectified pictures are sent on
    `image_raw`, with the camera_infos of the raw ones.

    Args:
        infos: the latest of each camera.
        row_offset: pixels by which rows of the pictures differed, or None.
        rectify: whether the node rectifies them.
        size: width and height of the pictures, pixels; `None` before the first pair.
    """
    calibrations = {side: calibration_of(info) for side, info in infos.items() if info is not None}
    return [*_unlike_projections(calibrations), *_rows_apart(infos, row_offset, rectify, size)]


def _unlike_projections(calibrations: Mapping[Side, Calibration]) -> list[str]:
    if len(calibrations) < len(Side) or any(not any(each.p) for each in calibrations.values()):
        return []
    left, right = (calibrations[side].projection for side in Side)
    if max(abs(left[1, 1] - right[1, 1]), abs(left[1, 2] - right[1, 2])) <= _LARGEST_DIFFERENCE:
        return []
    return [
        f"P of the camera_infos differs in its second row (focal length {left[1, 1]:.1f} and "
        f"{right[1, 1]:.1f}, centre {left[1, 2]:.1f} and {right[1, 2]:.1f}), so rows are no "
        "epipolar lines: calibrate the cameras as a stereo pair."
    ]


def _rows_apart(
    infos: Mapping[Side, CameraInfo | None],
    row_offset: float | None,
    rectify: bool,
    size: Size | None,
) -> list[str]:
    if row_offset is None or row_offset <= LARGEST_OFFSET:
        return []
    what = f"Points of the left image lie {row_offset:.1f} rows from those of the right one"
    if rectify:
        return [f"{what} although the pair was rectified: calibrate the cameras anew."]
    return [f"{what}, so the pair is not rectified: {_what_rectifies(infos, size)}"]


def _what_rectifies(infos: Mapping[Side, CameraInfo | None], size: Size | None) -> str:
    """Return what to do about a pair that is not rectified, as the end of a sentence."""
    given = [info for info in infos.values() if info is not None]
    if len(given) < len(Side):
        return "rectify it before this node."
    try:
        calibrations = [calibration_of(info, size) for info in given]
        for calibration in calibrations:
            calibration.check()
    except ImageError as error:
        return f"rectify it before this node, for its camera_infos do not serve to. {error}"
    if all(calibration.is_rectified for calibration in calibrations):
        return "rectify it before this node."
    return "set rectify to true."
