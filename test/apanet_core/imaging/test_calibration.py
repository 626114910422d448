"""Calibrations of cropped, resized and rectified images, against points in front of the camera."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration

CAMERA = Calibration(
    width=640,
    height=480,
    k=(400.0, 0.0, 310.0, 0.0, 410.0, 250.0, 0.0, 0.0, 1.0),
    r=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
    p=(380.0, 0.0, 320.0, -45.6, 0.0, 380.0, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    distortion_model="plumb_bob",
    d=(-0.2, 0.05, 0.001, -0.001, 0.0),
)
POINT = np.array([0.3, -0.2, 2.0, 1.0])


def seen(calibration: Calibration) -> tuple[Any, Any]:
    """Where K and P show a point, in pixels."""
    raw = calibration.camera_matrix @ POINT[:3]
    rectified = calibration.projection @ POINT
    return raw[:2] / raw[2], rectified[:2] / rectified[2]


def test_a_window_shows_points_nearer_to_its_corner() -> None:
    for before, after in zip(seen(CAMERA), seen(CAMERA.cropped(100, 40, 320, 200)), strict=True):
        np.testing.assert_allclose(after, before - [100, 40])
    assert (CAMERA.cropped(100, 40, 320, 200).width, CAMERA.cropped(0, 0, 3, 200).height) == (
        320,
        200,
    )


@pytest.mark.parametrize(("width", "height"), [(320, 240), (1280, 960), (213, 480)])
def test_an_image_of_another_size_shows_points_at_the_same_place(width: int, height: int) -> None:
    resized = CAMERA.resized(width, height)
    scale = np.array([width / 640, height / 480])
    for before, after in zip(seen(CAMERA), seen(resized), strict=True):
        # From the image's outer edge, half a pixel before the first centre.
        np.testing.assert_allclose(after + 0.5, (before + 0.5) * scale)
    assert (resized.width, resized.height) == (width, height)
    assert resized.resized(640, 480).k == pytest.approx(CAMERA.k)


def test_the_baseline_keeps_its_length_in_metres() -> None:
    resized = CAMERA.resized(320, 240)
    assert resized.p[3] / resized.p[0] == pytest.approx(CAMERA.p[3] / CAMERA.p[0])


def test_the_rectified_image_is_rectified() -> None:
    assert not CAMERA.is_rectified
    rectified = CAMERA.rectified()
    assert rectified.is_rectified
    assert rectified.p == CAMERA.p
    assert rectified.k == (380.0, 0.0, 320.0, 0.0, 380.0, 240.0, 0.0, 0.0, 1.0)
    assert not rectified.distorted


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"k": (0.0,) * 9}, "no focal length in K: calibrate the camera"),
        ({"p": (0.0,) * 12}, "no focal length in P: calibrate both cameras"),
        ({"r": (0.0,) * 9}, "R of the camera_info is no rotation"),
        ({"d": (float("nan"),) * 5}, "not finite"),
        (
            {"distortion_model": "thin_prism"},
            "'thin_prism' is not known: calibrate with one of plumb_bob, rational_polynomial, "
            "equidistant",
        ),
        ({"d": (0.1,) * 15}, "plumb_bob has up to 14 coefficients, the camera_info 15"),
        (
            {"distortion_model": "equidistant", "d": (0.1,) * 5},
            "equidistant has up to 4 coefficients, the camera_info 5",
        ),
    ],
)
def test_what_cannot_rectify_says_why(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        replace(CAMERA, **changes).check()


def test_without_distortion_the_model_does_not_matter() -> None:
    replace(CAMERA, distortion_model="", d=()).check()
    replace(CAMERA, distortion_model="none", d=(0.0,) * 3).check()


@pytest.mark.parametrize(
    ("model", "d", "same_as"),
    [
        ("plumb_bob", (0.1, -0.2, 0.01, 0.02, 0.3, 0.0, 0.0, 0.0), (0.1, -0.2, 0.01, 0.02, 0.3)),
        ("plumb_bob", (0.1, -0.2), (0.1, -0.2, 0.0, 0.0)),
        ("radtan", (0.1, -0.2, 0.01, 0.02), (0.1, -0.2, 0.01, 0.02)),
        ("", (0.1, -0.2, 0.01, 0.02, 0.3), (0.1, -0.2, 0.01, 0.02, 0.3)),
        ("rational_polynomial", (*(0.1,) * 7, 0.2), (*(0.1,) * 7, 0.2)),
        ("plumb_bob", (0.1,) * 8, (0.1,) * 8),
        ("equidistant", (0.1, 0.2, 0.3, 0.4, 0.0), (0.1, 0.2, 0.3, 0.4)),
        ("Fisheye", (0.1, 0.2), (0.1, 0.2, 0.0, 0.0)),
        ("pinhole-equi", (0.1, 0.2, 0.3, 0.4), (0.1, 0.2, 0.3, 0.4)),
    ],
)
def test_drivers_write_one_distortion_in_many_ways(model, d, same_as) -> None:
    calibration = replace(CAMERA, distortion_model=model, d=d)

    calibration.check()

    assert calibration.coefficients == same_as
    fisheye = model.lower() in ("equidistant", "fisheye", "pinhole-equi")
    assert (calibration.model == "equidistant") == fisheye
