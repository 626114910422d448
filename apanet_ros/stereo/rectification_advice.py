"""Tells when inputs do not look rectified, since the network takes rows for epipolar lines.

What was measured goes before what names of topics and camera_infos say: drivers publish rectified
images on `image_raw`, and camera_infos of other images.
"""

from __future__ import annotations

from collections.abc import Mapping

from sensor_msgs.msg import CameraInfo

from apanet_core.imaging.calibration import Calibration
from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.camera_info import calibration_of
from apanet_ros.stereo.row_fit import RowFit

_LARGEST_DIFFERENCE = 0.5


def rectification_advice(
    infos: Mapping[Side, CameraInfo | None], fit: RowFit, rectify: bool
) -> list[str]:
    """Return a sentence, with what to do, for each sign that rows are no epipolar lines.

    Args:
        infos: the latest of each camera.
        fit: what was measured of the pictures.
        rectify: whether the node rectifies them.
    """
    calibrations = {side: calibration_of(info) for side, info in infos.items() if info is not None}
    return [
        *_unlike_projections(calibrations, fit),
        *_rows_apart(calibrations, fit, rectify),
    ]


def not_rectified(fit: RowFit) -> str:
    """Say of rows that do not fit, and that camera_infos do not mend, what is wrong."""
    what = _apart(fit)
    if fit.problem:
        return f"{what}, and the camera_infos do not serve to rectify them. {fit.problem}"
    if fit.rectified_offset is not None:
        return (
            f"{what}, and {fit.rectified_offset:.1f} once rectified by the camera_infos: calibrate "
            "the cameras as a stereo pair."
        )
    return (
        f"{what}, and the camera_infos do not serve to rectify them: calibrate the cameras as a "
        "stereo pair."
    )


def _unlike_projections(calibrations: Mapping[Side, Calibration], fit: RowFit) -> list[str]:
    if len(calibrations) < len(Side) or any(not any(each.p) for each in calibrations.values()):
        return []
    left, right = (calibrations[side].projection for side in Side)
    if max(abs(left[1, 1] - right[1, 1]), abs(left[1, 2] - right[1, 2])) <= _LARGEST_DIFFERENCE:
        return []
    what = (
        f"P of the camera_infos differs in its second row (focal length {left[1, 1]:.1f} and "
        f"{right[1, 1]:.1f}, centre {left[1, 2]:.1f} and {right[1, 2]:.1f}), "
    )
    if fit.offset is not None and not fit.apart:
        return [f"{what}but rows of the images fit: send the camera_infos of these images."]
    return [f"{what}so rows are no epipolar lines: calibrate the cameras as a stereo pair."]


def _rows_apart(calibrations: Mapping[Side, Calibration], fit: RowFit, rectify: bool) -> list[str]:
    if not fit.apart:
        return []
    if rectify:
        return [f"{_apart(fit)} although the pair was rectified: calibrate the cameras anew."]
    if fit.mended:
        return [f"{_apart(fit)}, so the pair is not rectified: set rectify to true."]
    if not calibrations or (not fit.problem and _say_rectified(calibrations)):
        return [f"{_apart(fit)}, so the pair is not rectified: rectify it before this node."]
    return [not_rectified(fit)]


def _say_rectified(calibrations: Mapping[Side, Calibration]) -> bool:
    return all(calibration.is_rectified for calibration in calibrations.values())


def _apart(fit: RowFit) -> str:
    return f"Points of the left image lie {fit.offset:.1f} rows from those of the right one"
