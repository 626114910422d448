"""Tells when inputs do not look rectified, since the network takes rows for epipolar lines."""

from __future__ import annotations

from collections.abc import Mapping

from sensor_msgs.msg import CameraInfo

from apanet_core.imaging.calibration import Calibration
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.row_check import LARGEST_OFFSET
from apanet_ros.stereo.camera_info import calibration_of

_LARGEST_DIFFERENCE = 0.5


def rectification_advice(
    infos: Mapping[Side, CameraInfo | None],
    image_topics: Mapping[Side, str],
    row_offset: float | None,
    rectify: bool,
) -> list[str]:
    """Return a sentence, with what to do, for each sign that rows are no epipolar lines.

    Args:
        infos: the latest of each camera.
        image_topics: where the images come from.
        row_offset: pixels by which rows of the pictures differed, or None.
        rectify: whether the node rectifies them.
    """
    calibrations = {side: calibration_of(info) for side, info in infos.items() if info is not None}
    return [
        *_raw_topics(calibrations, image_topics, rectify),
        *_unlike_projections(calibrations),
        *_rows_apart(calibrations, row_offset, rectify),
    ]


def _raw_topics(
    calibrations: Mapping[Side, Calibration], topics: Mapping[Side, str], rectify: bool
) -> list[str]:
    return [
        f"{topics[side]} is not rectified by its name and its camera_info: set rectify to true, or "
        "remap a rectified image to it."
        for side, calibration in calibrations.items()
        if not rectify and is_raw(topics[side], calibration)
    ]


def is_raw(topic: str, calibration: Calibration) -> bool:
    """Whether images are not rectified by the name of their topic and their calibration."""
    return "raw" in topic and not calibration.is_rectified


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
    calibrations: Mapping[Side, Calibration], row_offset: float | None, rectify: bool
) -> list[str]:
    if row_offset is None or row_offset <= LARGEST_OFFSET:
        return []
    what = f"Points of the left image lie {row_offset:.1f} rows from those of the right one"
    if rectify:
        return [f"{what} although the pair was rectified: calibrate the cameras anew."]
    if any(not calibration.is_rectified for calibration in calibrations.values()):
        return [f"{what}, so the pair is not rectified: set rectify to true."]
    return [f"{what}, so the pair is not rectified: rectify it before this node."]
