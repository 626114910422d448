"""What rows of pairs show as they come, and once rectified by their camera_infos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.row_fit import RowFit, RowFitCheck

WIDTH, HEIGHT = 320, 240
DOWN = 6
TOPICS = {side: f"/{side.value}/camera_info" for side in Side}


def scene() -> Any:
    """Squares of many sizes and brightnesses, with corners to match: uint8 RGB `[H,W,3]`."""
    random = np.random.default_rng(0)
    picture = np.full((HEIGHT + DOWN, WIDTH, 3), 128, np.uint8)
    for _ in range(400):
        x, y, side = random.integers(0, WIDTH), random.integers(0, HEIGHT), random.integers(4, 30)
        picture[y : y + side, x : x + side] = random.integers(0, 255, 3)
    return cv2.GaussianBlur(picture, (3, 3), 0)


SCENE = scene()
LEFT, LOWER = SCENE[DOWN:], SCENE[:HEIGHT]


def camera_info() -> CameraInfo:
    info = CameraInfo(width=WIDTH, height=HEIGHT, distortion_model="plumb_bob", d=[0.0] * 5)
    info.k = [300.0, 0.0, 160.0, 0.0, 300.0, 120.0, 0.0, 0.0, 1.0]
    info.r = list(np.eye(3).flat)
    info.p = [300.0, 0.0, 160.0, 0.0, 0.0, 300.0, 120.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def lowered() -> CameraInfo:
    """Of a right camera whose raw image lies lower than the rectified one."""
    info = camera_info()
    info.k[5] += DOWN
    return info


def measured(
    right: Any, left_info: Any, right_info: Any, looks: int = 3, always: bool = False
) -> RowFit:
    infos = {Side.LEFT: left_info, Side.RIGHT: right_info}
    check = RowFitCheck(lambda: 0.0, infos.get, TOPICS, always)
    for _ in range(looks):
        check.measure(LEFT, right)
    return check.fit


def test_rows_that_fit_are_not_tried_otherwise() -> None:
    fit = measured(LEFT, camera_info(), lowered())
    assert fit == RowFit(offset=0.0)
    assert not fit.apart
    assert not fit.mended


def test_rows_that_fit_are_tried_where_asked_for() -> None:
    assert measured(LEFT, camera_info(), lowered(), always=True).rectified_offset == pytest.approx(
        DOWN, abs=0.5
    )


def test_camera_infos_that_bring_rows_together_are_found() -> None:
    fit = measured(LOWER, camera_info(), lowered())
    assert fit.offset == pytest.approx(DOWN, abs=0.5)
    assert fit.apart
    assert fit.rectified_offset == pytest.approx(0, abs=0.5)
    assert fit.mended
    assert fit.problem == ""


def test_camera_infos_that_do_not_are_found_too() -> None:
    fit = measured(LOWER, camera_info(), camera_info())
    assert fit.rectified_offset == pytest.approx(DOWN, abs=0.5)
    assert not fit.mended
    assert fit.problem == ""


def test_nothing_is_said_before_the_third_look() -> None:
    assert not measured(LOWER, camera_info(), lowered(), looks=2).apart


def zeroed(info: Any) -> None:
    info.k, info.p, info.r, info.width, info.height = [0.0] * 9, [0.0] * 12, [0.0] * 9, 0, 0


def without_numbers(info: Any) -> None:
    info.k, info.p, info.r = [0.0] * 9, [0.0] * 12, [0.0] * 9


def only_p(info: Any) -> None:
    info.k, info.r = [0.0] * 9, [0.0] * 9


def binned(info: Any) -> None:
    info.binning_x = 2


def of_twice_the_size(info: Any) -> None:
    info.k = [600.0, 0.0, 320.0, 0.0, 600.0, 240.0, 0.0, 0.0, 1.0]


def garbage(info: Any) -> None:
    info.k = [1e-3, 0.0, 7.0, 0.0, 3e5, -2.0, 0.0, 0.0, 1.0]
    info.d = [3.0, -8.0, 2.0, 5.0, 1.0]


def not_finite(info: Any) -> None:
    info.k[0] = float("nan")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (zeroed, "/left/camera_info: The camera_info is for 0 x 0, the image 320 x 240: let the"),
        (without_numbers, "/left/camera_info: The camera_info has no focal length in K: calibrat"),
        (only_p, "/left/camera_info: The camera_info has no focal length in K: calibrate the cam"),
        (
            binned,
            "/left/camera_info: The camera_info with its binning of 2 x 1 is for 160 x 240, the "
            "image 320 x 240: let the driver send the camera_info of this image.",
        ),
        (of_twice_the_size, "/left/camera_info: K has its centre at (320, 240) in images of 320 x"),
        (garbage, "/left/camera_info: K has a focal length of 0.0 px for images 320 px wide, wh"),
        (not_finite, "/left/camera_info: The camera_info holds numbers that are not finite"),
    ],
)
def test_what_is_wrong_with_a_camera_info_is_named(
    change: Callable[[Any], None], problem: str
) -> None:
    left, right = camera_info(), camera_info()
    for info in (left, right):
        change(info)
    fit = measured(LOWER, left, right)
    assert fit.apart
    assert not fit.mended
    assert fit.problem.startswith(problem)


def test_a_camera_without_camera_info_is_named() -> None:
    fit = measured(LOWER, camera_info(), None)
    assert fit.problem == (
        "There is no camera_info on /right/camera_info: calibrate the cameras as a stereo pair."
    )


def test_pairs_that_are_rectified_already_are_not_rectified_again() -> None:
    check = RowFitCheck(lambda: 0.0, None, TOPICS)
    for _ in range(3):
        check.measure(LEFT, LOWER)
    assert check.fit.apart
    assert check.fit.rectified_offset is None
    assert check.fit.problem == ""


def test_a_camera_info_that_is_mended_later_is_believed() -> None:
    infos = {Side.LEFT: camera_info(), Side.RIGHT: CameraInfo()}
    check = RowFitCheck(lambda: 0.0, infos.get, TOPICS)
    for _ in range(3):
        check.measure(LEFT, LOWER)
    assert check.fit.problem
    infos[Side.RIGHT] = lowered()
    for _ in range(2):
        check.measure(LEFT, LOWER)
    assert check.fit.mended
    assert check.fit.problem == ""


NUMBERS = st.one_of(
    st.floats(width=64), st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e300]), st.floats(1, 1000)
)


@st.composite
def wild_infos(draw: Any) -> CameraInfo:
    """A camera_info of this size of which some numbers are anything."""
    info = camera_info()
    info.d = draw(st.lists(NUMBERS, max_size=15))
    info.distortion_model = draw(st.sampled_from(["plumb_bob", "fisheye", "", "radtan"]))
    for field, length in (("k", 9), ("r", 9), ("p", 12)):
        if draw(st.booleans()):
            places = draw(st.dictionaries(st.integers(0, length - 1), NUMBERS))
            numbers = list(getattr(info, field))
            for place, number in places.items():
                numbers[place] = number
            setattr(info, field, numbers)
    return info


@settings(max_examples=60, deadline=None)
@given(left=wild_infos(), right=wild_infos())
def test_any_camera_info_is_measured_or_refused(left: CameraInfo, right: CameraInfo) -> None:
    fit = measured(LOWER, left, right, looks=2, always=True)
    assert isinstance(fit.problem, str)
    assert fit.rectified_offset is None or np.isfinite(fit.rectified_offset)
