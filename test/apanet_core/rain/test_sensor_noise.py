from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from apanet_core.rain import RainSeverity, add_rain, sample_weather
from apanet_core.rain.sensor_noise import READ_SHARE, add_sensor_noise


def spread(level: float, levels: float = 2.0) -> float:
    """Standard deviation of the noise on a view of one brightness, levels of 255."""
    view = np.full((200, 200, 3), level, np.float32)
    noise = add_sensor_noise(view, levels, np.random.default_rng(0)) - view
    assert noise.mean() * 255 == pytest.approx(0, abs=0.03)
    return float(noise.std() * 255)


def test_mid_grey_has_the_noise_asked_for() -> None:
    assert spread(0.5) == pytest.approx(2.0, rel=0.01)
    assert spread(0.5, levels=0.3) == pytest.approx(0.3, rel=0.01)


def test_noise_grows_with_the_light() -> None:
    # In the dark read noise alone; at white the shot noise's variance is twice that at mid grey.
    assert spread(0.0) == pytest.approx(2 * np.sqrt(READ_SHARE), rel=0.01)
    assert spread(1.0) == pytest.approx(2 * np.sqrt(READ_SHARE + 2 * (1 - READ_SHARE)), rel=0.01)


def test_no_noise_is_the_view_itself() -> None:
    view = np.full((4, 5, 3), 0.3, np.float32)

    assert add_sensor_noise(view, 0.0, np.random.default_rng(0)) is view


def test_the_view_given_is_left_alone() -> None:
    view = np.full((4, 5, 3), 0.3, np.float32)

    assert add_sensor_noise(view, 5.0, np.random.default_rng(0)).dtype == np.float32
    assert (view == np.float32(0.3)).all()


def test_each_view_has_noise_of_its_own_and_keeps_the_exposure() -> None:
    dry = RainSeverity((0, 0), (0, 0), 1.0, (0, 0), noise_levels=(2.0, 2.0))
    weather = dataclasses.replace(sample_weather(dry, np.random.default_rng(0)), noise_levels=2.0)
    grey = np.full((100, 150, 3), 128, np.uint8)
    disparity = np.full((100, 150), 4.0, np.float32)

    left, right = add_rain(grey, grey, weather, np.random.default_rng(0), disparity)

    noises = [view.astype(float) - 128 for view in (left, right)]
    for noise in noises:
        assert noise.std() == pytest.approx(2.0, rel=0.05)
        assert noise.mean() == pytest.approx(0, abs=0.05)
    assert abs(np.corrcoef(noises[0].ravel(), noises[1].ravel())[0, 1]) < 0.03
