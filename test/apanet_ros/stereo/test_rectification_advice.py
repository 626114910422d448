"""When the user is told that inputs are not rectified, and when not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.rectification_advice import rectification_advice
from apanet_ros.stereo.row_fit import RowFit

UNKNOWN, FITS = RowFit(), RowFit(0.4)


def camera_info(k1: float = -0.2, focal: float = 100.0, centre: float = 24.0) -> CameraInfo:
    info = CameraInfo(width=64, height=48, distortion_model="plumb_bob", d=[k1, 0.0, 0.0, 0.0])
    info.k = [100.0, 0.0, 32.0, 0.0, 100.0, 24.0, 0.0, 0.0, 1.0]
    info.r = list(np.eye(3).flat)
    info.p = [focal, 0.0, 32.0, 0.0, 0.0, focal, centre, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def advice(
    left: Any = None, right: Any = None, fit: RowFit = UNKNOWN, rectify: bool = False
) -> list[str]:
    return rectification_advice({Side.LEFT: left, Side.RIGHT: right}, fit, rectify)


@pytest.mark.parametrize("fit", [UNKNOWN, FITS, RowFit(0.4, rectified_offset=9.0)])
def test_a_rectified_image_whose_camera_info_tells_of_the_raw_one_is_fine(fit: RowFit) -> None:
    assert advice(camera_info(), camera_info(), fit) == []
    assert advice(fit=fit) == []
    assert advice(CameraInfo(), CameraInfo(), fit) == []


def test_projections_that_differ_in_their_rows_are_told() -> None:
    (sentence,) = advice(camera_info(focal=100.0), camera_info(focal=103.5))
    assert (
        "P of the camera_infos differs in its second row (focal length 100.0 and 103.5" in sentence
    )
    assert sentence.endswith(
        "so rows are no epipolar lines: calibrate the cameras as a stereo pair."
    )
    (sentence,) = advice(camera_info(), camera_info(centre=26.0), rectify=True)
    assert "centre 24.0 and 26.0" in sentence
    assert advice(camera_info(), CameraInfo()) == []


def test_projections_that_differ_are_those_of_other_images_where_rows_fit() -> None:
    (sentence,) = advice(camera_info(), camera_info(centre=26.0), FITS)
    assert sentence.endswith("but rows of the images fit: send the camera_infos of these images.")


@pytest.mark.parametrize(
    ("info", "fit", "rectify", "step"),
    [
        (camera_info(), RowFit(6.25, 0.5), False, "is not rectified: set rectify to true."),
        (
            camera_info(),
            RowFit(6.25, 5.0),
            False,
            ", and 5.0 once rectified by the camera_infos: calibrate the cameras as a stereo pair.",
        ),
        (
            CameraInfo(),
            RowFit(6.25, None, "/left/camera_info: no focal length: calibrate the camera."),
            False,
            ", and the camera_infos do not serve to rectify them. /left/camera_info: no focal "
            "length: calibrate the camera.",
        ),
        (
            camera_info(),
            RowFit(6.25),
            False,
            ", and the camera_infos do not serve to rectify them: calibrate the cameras as a "
            "stereo pair.",
        ),
        (camera_info(k1=0.0), RowFit(6.25, 6.25), False, "rectify it before this node."),
        (None, RowFit(6.25), False, "so the pair is not rectified: rectify it before this node."),
        (camera_info(), RowFit(6.25), True, "pair was rectified: calibrate the cameras anew."),
    ],
)
def test_rows_that_do_not_fit_are_told_with_what_helps(
    info: Any, fit: RowFit, rectify: bool, step: str
) -> None:
    (sentence,) = advice(info, info, fit, rectify)
    assert sentence.startswith("Points of the left image lie 6.2 rows from those of the right one")
    assert sentence.endswith(step)
