"""When the user is told that inputs are not rectified, and when not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.rectification_advice import rectification_advice


def camera_info(k1: float = -0.2, focal: float = 100.0, centre: float = 24.0) -> CameraInfo:
    info = CameraInfo(width=64, height=48, distortion_model="plumb_bob", d=[k1, 0.0, 0.0, 0.0])
    info.k = [100.0, 0.0, 32.0, 0.0, 100.0, 24.0, 0.0, 0.0, 1.0]
    info.r = list(np.eye(3).flat)
    info.p = [focal, 0.0, 32.0, 0.0, 0.0, focal, centre, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def advice(
    left: Any = None,
    right: Any = None,
    offset: Any = None,
    rectify: bool = False,
    size: Any = None,
) -> list[str]:
    return rectification_advice({Side.LEFT: left, Side.RIGHT: right}, offset, rectify, size)


def test_a_rectified_image_whose_camera_info_tells_of_the_raw_one_is_fine() -> None:
    assert advice(camera_info(), camera_info(), offset=0.4) == []
    assert advice() == []
    assert advice(CameraInfo(), CameraInfo()) == []


def test_rows_that_fit_need_no_rectification_whatever_the_camera_infos_say() -> None:
    assert advice(camera_info(), camera_info(), offset=0.0) == []
    assert advice(camera_info(), camera_info(), offset=None) == []


P_ONLY = camera_info()
P_ONLY.k = [0.0] * 9
GARBAGE = camera_info()
GARBAGE.r = [7.0] * 9


@pytest.mark.parametrize(
    ("info", "why"),
    [
        (CameraInfo(), "The camera_info is for 0 x 0, the image 64 x 48"),
        (P_ONLY, "The camera_info has no focal length in K"),
        (GARBAGE, "R of the camera_info is no rotation"),
    ],
)
def test_what_cannot_be_rectified_by_its_camera_infos_is_not_told_to_be(info, why) -> None:
    (sentence,) = advice(info, info, offset=6.2, size=(64, 48))
    assert "set rectify" not in sentence
    assert "for its camera_infos do not serve to. " + why in sentence


def test_projections_that_differ_in_their_rows_are_told() -> None:
    (sentence,) = advice(camera_info(focal=100.0), camera_info(focal=103.5))
    assert (
        "P of the camera_infos differs in its second row (focal length 100.0 and 103.5" in sentence
    )
    (sentence,) = advice(camera_info(), camera_info(centre=26.0), rectify=True)
    assert "centre 24.0 and 26.0" in sentence
    assert advice(camera_info(), CameraInfo()) == []


@pytest.mark.parametrize(
    ("info", "rectify", "step"),
    [
        (camera_info(), False, "so the pair is not rectified: set rectify to true."),
        (camera_info(k1=0.0), False, "so the pair is not rectified: rectify it before this node."),
        (None, False, "so the pair is not rectified: rectify it before this node."),
        (camera_info(), True, "although the pair was rectified: calibrate the cameras anew."),
    ],
)
def test_rows_that_do_not_fit_are_told_with_what_helps(info: Any, rectify: bool, step: str) -> None:
    (sentence,) = advice(info, info, offset=6.25, rectify=rectify)
    assert sentence.startswith("Points of the left image lie 6.2 rows from those of the right one")
    assert sentence.endswith(step)
