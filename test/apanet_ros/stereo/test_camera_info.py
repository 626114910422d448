"""camera_infos of images that are windows, binned, resized or rectified."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo, RegionOfInterest

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration
from apanet_core.imaging.rectification import rectify_maps
from apanet_ros.stereo.camera_info import calibration_of, rectified_camera_info, resized_camera_info


def camera_info(**changes: Any) -> CameraInfo:
    info = CameraInfo(width=1280, height=720, distortion_model="plumb_bob")
    info.header.frame_id = "left_optical"
    info.d = [-0.2, 0.05, 0.001, -0.001, 0.0]
    info.k = [800.0, 0.0, 639.5, 0.0, 810.0, 359.5, 0.0, 0.0, 1.0]
    info.r = list(np.eye(3).flat)
    info.p = [780.0, 0.0, 640.0, -93.6, 0.0, 780.0, 360.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    for name, value in changes.items():
        setattr(info, name, value)
    return info


def test_of_the_whole_image_it_is_taken_as_it_is() -> None:
    calibration = calibration_of(camera_info(), (1280, 720))
    assert calibration.d == tuple(camera_info().d)
    assert calibration.k == tuple(camera_info().k)
    assert calibration.p == tuple(camera_info().p)
    assert calibration == calibration_of(camera_info())


def test_a_window_moves_the_centre() -> None:
    roi = RegionOfInterest(x_offset=200, y_offset=100, width=640, height=480)
    calibration = calibration_of(camera_info(roi=roi), (640, 480))
    assert (calibration.k[0], calibration.k[2], calibration.k[5]) == (800.0, 439.5, 259.5)
    assert (calibration.p[2], calibration.p[6], calibration.p[3]) == (440.0, 260.0, -93.6)


@pytest.mark.parametrize("changes", [{"binning_x": 2, "binning_y": 2}, {}])
def test_a_binned_image_and_one_that_was_resized_unsaid_are_scaled(changes: Any) -> None:
    calibration = calibration_of(camera_info(**changes), (640, 360))
    assert (calibration.width, calibration.height) == (640, 360)
    # The middle of 1280 columns, 639.5, is that of 640, 319.5.
    assert calibration.k[:6] == pytest.approx((400.0, 0.0, 319.5, 0.0, 405.0, 179.5))
    assert calibration.p[3] == pytest.approx(-46.8)


def test_sides_may_be_rounded() -> None:
    assert calibration_of(camera_info(), (427, 240)).height == 240
    assert calibration_of(camera_info(), (300, 169)).height == 169


@pytest.mark.parametrize(
    ("changes", "width", "height"),
    [({}, 640, 480), ({"width": 0, "height": 0}, 640, 480), ({"binning_x": 2}, 1280, 720)],
)
def test_other_proportions_are_refused(changes: Any, width: int, height: int) -> None:
    with pytest.raises(ImageError, match=f"the image {width} x {height}: let the driver send"):
        calibration_of(camera_info(**changes), (width, height))


def test_a_rectified_image_is_described_by_its_p() -> None:
    roi = RegionOfInterest(x_offset=200, y_offset=100, width=640, height=480, do_rectify=True)
    info = rectified_camera_info(camera_info(roi=roi, binning_x=2, binning_y=2), (320, 240))
    assert info.header.frame_id == "left_optical"
    assert (info.width, info.height, info.binning_x, info.binning_y) == (320, 240, 0, 0)
    assert info.roi == RegionOfInterest()
    assert (info.distortion_model, list(info.d)) == ("plumb_bob", [0.0] * 5)
    assert list(info.r) == list(np.eye(3).flat)
    assert list(info.k) == pytest.approx([390.0, 0.0, 219.75, 0.0, 390.0, 129.75, 0.0, 0.0, 1.0])
    assert list(info.p) == pytest.approx(
        [390.0, 0.0, 219.75, -46.8, 0.0, 390.0, 129.75, 0.0, 0.0, 0.0, 1.0, 0.0]
    )
    assert calibration_of(info, (320, 240)).is_rectified


def test_a_resized_image_has_k_p_and_roi_scaled() -> None:
    original = camera_info(roi=RegionOfInterest(x_offset=100, y_offset=50, width=640, height=480))
    info = resized_camera_info(original, 0.5, 0.5)
    assert (info.width, info.height) == (640, 360)
    assert list(info.k)[:6] == pytest.approx([400.0, 0.0, 319.5, 0.0, 405.0, 179.5])
    assert list(info.p)[:7] == pytest.approx([390.0, 0.0, 319.75, -46.8, 0.0, 390.0, 179.75])
    assert list(info.d) == list(original.d)
    assert info.roi == RegionOfInterest(x_offset=50, y_offset=25, width=320, height=240)
    assert (original.width, original.k[0], original.roi.width) == (1280, 800.0, 640)


def test_an_image_of_its_size_keeps_its_info() -> None:
    original = camera_info()
    assert resized_camera_info(original, 1.0, 1.0) is original
    empty = CameraInfo()
    assert resized_camera_info(empty, 0.5, 0.5) is empty


NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@given(
    width=st.integers(0, 2**32 - 1),
    height=st.integers(0, 2**32 - 1),
    binning=st.integers(0, 2**32 - 1),
    numbers=st.lists(NUMBERS, min_size=30, max_size=30),
    d=st.lists(NUMBERS, max_size=15),
    model=st.sampled_from(["plumb_bob", "rational_polynomial", "equidistant", "", "x"]),
)
def test_any_info_makes_maps_or_is_refused(
    width: int, height: int, binning: int, numbers: list[float], d: list[float], model: str
) -> None:
    info = CameraInfo(width=width, height=height, distortion_model=model, d=d)
    info.binning_x = binning
    info.k, info.p, info.r = numbers[:9], numbers[9:21], numbers[21:]
    try:
        calibration = calibration_of(info, (12, 8))
        rectify_maps(calibration)
        rectified_camera_info(info, (12, 8))
    except ImageError:
        return
    assert isinstance(calibration, Calibration)
