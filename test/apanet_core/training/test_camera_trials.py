from __future__ import annotations

import numpy as np
import pytest

from apanet_core.evaluation.cameras import CAMERAS
from apanet_core.evaluation.comparison import Comparison, Record
from apanet_core.evaluation.trials import DRY, WEATHERS, RenderedRain
from apanet_core.training.camera_trials import (
    VALIDATION_CAMERAS,
    CameraTrials,
    camera_of,
    gain_per_camera,
)


@pytest.fixture(scope="module")
def rain(make_scenes) -> RenderedRain:
    return RenderedRain(make_scenes(2, 48, 64), seed=3)


def test_validation_knows_the_cameras_of_evaluate() -> None:
    assert set(VALIDATION_CAMERAS) <= set(CAMERAS)
    assert len(set(VALIDATION_CAMERAS)) == len(VALIDATION_CAMERAS) == len(WEATHERS)


def test_six_scenes_show_every_weather_by_every_camera() -> None:
    seen = {(WEATHERS[i % len(WEATHERS)], camera_of(i)) for i in range(6 * len(WEATHERS))}

    assert len(seen) == len(WEATHERS) * len(VALIDATION_CAMERAS)
    # One scene already meets each camera once.
    assert {camera_of(i) for i in range(6)} == set(VALIDATION_CAMERAS)


def test_each_trial_is_sent_by_its_camera(rain) -> None:
    trials = CameraTrials(rain, seed=1)

    assert len(trials) == len(rain)
    assert trials.unit == "pair"
    grey, color = (
        next(i for i in range(len(trials)) if camera_of(i) == name) for name in ("grey", "colour")
    )
    for view in (*trials[grey].rainy, *trials[grey].clean):
        np.testing.assert_array_equal(view[..., 0], view[..., 2])
    for sent, before in zip(trials[color].rainy, rain[color].rainy, strict=True):
        np.testing.assert_array_equal(sent, before)


def test_a_trial_is_the_same_each_time(rain) -> None:
    noisy = next(i for i in range(1, len(rain)) if camera_of(i) == "noise" and i % len(WEATHERS))
    one, again = (CameraTrials(rain, seed=1)[noisy] for _ in range(2))
    other = CameraTrials(rain, seed=2)[noisy]

    np.testing.assert_array_equal(one.rainy[0], again.rainy[0])
    assert not np.array_equal(one.rainy[0], other.rainy[0])
    np.testing.assert_array_equal(one.clean[0], other.clean[0])


def row(method: str, trial: int, psnr: float, weather: str = "heavy") -> Record:
    return Record(method, trial, "", weather, "left", psnr, 1.0)


def test_gains_by_hand() -> None:
    # Trials 0 and 11 are sent by one camera, 1 by the next; the dry one does not count.
    assert camera_of(0) == camera_of(11) == "colour"
    records = (
        row("input", 0, 20.0),
        row("new", 0, 30.0),
        row("input", 11, 22.0),
        row("new", 11, 24.0),
        row("input", 1, 25.0),
        row("new", 1, 24.5),
        row("other", 1, 40.0),
        row("input", 2, 60.0, DRY),
        row("new", 2, 40.0, DRY),
    )

    gains = gain_per_camera(Comparison((), records), "new")

    assert gains == {"colour": pytest.approx(6.0), "grey": pytest.approx(-0.5)}
