"""Which calibrations no usual camera has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apanet_core.imaging.calibration import Calibration
from apanet_core.imaging.plausibility import implausible, shows_little

CAMERA = Calibration(
    width=640,
    height=480,
    k=(400.0, 0.0, 310.0, 0.0, 410.0, 250.0, 0.0, 0.0, 1.0),
    r=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
    p=(380.0, 0.0, 320.0, -45.6, 0.0, 380.0, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0),
)


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (1280, 960)])
def test_a_usual_camera_is_believed(size: tuple[int, int]) -> None:
    assert implausible(CAMERA.resized(*size)) == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"width": 320, "height": 240},
            "K has its centre at (310, 250) in images of 320 x 240: look whether they were "
            "calibrated in another size, binning or part of the image.",
        ),
        (
            {"k": (1.0, 0.0, 310.0, 0.0, 1.0, 250.0, 0.0, 0.0, 1.0)},
            "K has a focal length of 1.0 px for images 640 px wide, which no usual lens has: "
            "calibrate anew.",
        ),
        (
            {"p": (380.0, 0.0, 900.0, 0.0, 0.0, 380.0, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0)},
            "P has its centre at (900, 240) in images of 640 x 480: look whether they were "
            "calibrated in another size, binning or part of the image.",
        ),
    ],
)
def test_what_is_hard_to_believe_is_named(changes: dict[str, Any], sentence: str) -> None:
    assert implausible(replace(CAMERA, **changes)) == sentence


FISHEYE = replace(
    CAMERA,
    k=(190.0, 0.0, 320.0, 0.0, 190.0, 240.0, 0.0, 0.0, 1.0),
    distortion_model="equidistant",
    d=(0.05, -0.02, 0.01, -0.003),
)


@pytest.mark.parametrize(
    "calibration",
    [
        CAMERA,
        CAMERA.cropped(300, 0, 300, 400),
        CAMERA.resized(64, 48),
        CAMERA.rectified(),
        FISHEYE,
        replace(CAMERA, d=(-0.3, 0.1, 0.001, 0.001, 0.0)),
    ],
)
def test_a_view_that_is_kept_shows_enough(calibration: Calibration) -> None:
    assert not shows_little(calibration)


@pytest.mark.parametrize(
    "changes",
    [
        {"k": (1e-3, 0.0, 310.0, 0.0, 410.0, 250.0, 0.0, 0.0, 1.0)},
        {"k": (400.0, 0.0, 310.0, 0.0, 3e7, 250.0, 0.0, 0.0, 1.0)},
        {"p": (1e7, 0.0, 320.0, 0.0, 0.0, 1e7, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0)},
        {"p": (1e-7, 0.0, 320.0, 0.0, 0.0, 1e-7, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0)},
        {"p": (380.0, 0.0, 320.0, 0.0, 0.0, 380.0, 240.0, 0.0, 0.0, 0.0, 0.0, 0.0)},
        {"r": (1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0)},
        {"d": (1e9, -1e9, 1e9, 1e9)},
        {"d": (1e300, 1e300, 1e300, 1e300)},
        {"distortion_model": "fisheye", "d": (1e300, 1e300, 1e300, 1e300)},
    ],
)
def test_a_speck_of_the_view_is_little(changes: dict[str, Any]) -> None:
    assert shows_little(replace(CAMERA, **changes))
