from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.rain import RainSequence, StereoGeometry, Weather, add_rain, sample_weather
from apanet_core.rain.drops import rain_space
from apanet_core.rain.sequence import later
from apanet_core.rain.synthesis import first_moment, render

HEIGHT, WIDTH = 120, 200
BLACK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
GREY = np.full((HEIGHT, WIDTH, 3), 70, np.uint8)
FAR_AWAY = np.full((HEIGHT, WIDTH), 1.0, np.float32)


def weather_of(seed: int = 0, **changes: object) -> Weather:
    weather = sample_weather("heavy", np.random.default_rng(seed))
    return dataclasses.replace(weather, **changes)  # type: ignore[arg-type]


def frames(times: list[float], seed: int = 1, **changes: object) -> list[np.ndarray]:
    """Left views of a grey scene in rain, at these times."""
    rain = RainSequence(weather_of(**changes), np.random.default_rng(seed))
    return [rain.add_rain(GREY, GREY, time, FAR_AWAY)[0] for time in times]


def centroid(view: np.ndarray) -> np.ndarray:
    """Column and row of the light's centre of mass."""
    light = view.astype(float).sum(axis=2)
    rows, columns = np.indices(light.shape)
    return np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()


def test_a_far_drop_is_found_displaced_by_its_velocity() -> None:
    dry = {"extinction_per_m": 0.0, "noise_levels": 0.0, "lens_drops": 0.0}
    weather = weather_of(speed_m_s=0.0, wind_m_s=2.0, opacity=0.9, density=20000.0, **dry)
    generator = np.random.default_rng(3)
    moment = first_moment(
        rain_space(weather, generator, HEIGHT, WIDTH, StereoGeometry()), generator
    )
    depth = moment.drops.position[:, 2]
    column, row = moment.space.project(moment.drops.position)
    wanted = (depth > 12) & (np.abs(column - 100) < 30) & (np.abs(row - 30) < 15)
    number = int(np.flatnonzero(wanted)[0])
    alone = np.arange(len(depth)) == number
    # No other drop falls, and none enters.
    space = dataclasses.replace(moment.space, weather=dataclasses.replace(weather, density=0.0))
    moment = dataclasses.replace(moment, space=space, drops=moment.drops[alone])
    step_s = 0.04

    after = later(moment, step_s, StereoGeometry(), np.random.default_rng(0))

    assert len(after.drops) == 1
    shown = [render(BLACK, BLACK, FAR_AWAY, each, generator)[0].rainy for each in (moment, after)]
    expected = moment.drops.velocity[0, :2] * step_s * StereoGeometry().focal_px / depth[number]
    assert centroid(shown[1]) - centroid(shown[0]) == pytest.approx(expected, abs=0.3)
    assert np.hypot(*expected) > 5


def test_the_first_frame_is_what_one_pair_gets() -> None:
    weather = weather_of()
    rain = RainSequence(weather, np.random.default_rng(7))

    for first, alone in zip(
        rain.add_rain(GREY, GREY, 12.5, FAR_AWAY),
        add_rain(GREY, GREY, weather, np.random.default_rng(7), FAR_AWAY),
        strict=True,
    ):
        np.testing.assert_array_equal(first, alone)


def test_the_same_seed_and_times_are_the_same_pictures() -> None:
    times = [0.0, 0.1, 0.2, 0.35]

    for one, again in zip(frames(times), frames(times), strict=True):
        np.testing.assert_array_equal(one, again)
    assert (frames(times)[-1] != frames([0.0, 0.1, 0.2, 0.3])[-1]).any()


def test_rain_neither_thins_nor_thickens() -> None:
    lasting = np.mean([view.mean() for view in frames([n / 10 for n in range(15)])])
    first = np.mean([frames([0.0], seed)[0].mean() for seed in range(15)])

    assert lasting - 70 == pytest.approx(first - 70, rel=0.15)


def test_the_window_of_a_panning_camera_takes_the_drops_along() -> None:
    weather = weather_of(noise_levels=0.0, lens_drops=0.0)
    rain = RainSequence(weather, np.random.default_rng(1))
    still, shifted = (StereoGeometry(center=(x, 60.0)) for x in (100.0, 90.0))

    before, _ = rain.add_rain(GREY, GREY, 0.0, FAR_AWAY, still)
    after, _ = rain.add_rain(GREY, GREY, 0.0, FAR_AWAY, shifted)

    np.testing.assert_array_equal(after[:, 20:150], before[:, 30:160])


def test_a_frame_of_another_size_starts_anew() -> None:
    rain = RainSequence(weather_of(), np.random.default_rng(1))
    rain.add_rain(GREY, GREY, 5.0, FAR_AWAY)

    small, _ = rain.add_rain(GREY[:64], GREY[:64], 5.1, FAR_AWAY[:64])

    assert small.shape == (64, WIDTH, 3)
    assert (small != 70).any()


def test_a_frame_from_the_past_is_refused() -> None:
    rain = RainSequence(weather_of(), np.random.default_rng(1))
    rain.add_rain(GREY, GREY, 5.0, FAR_AWAY)

    with pytest.raises(ImageError, match=r"A frame at 4\.900 s follows one at 5\.000 s: sort them"):
        rain.add_rain(GREY, GREY, 4.9, FAR_AWAY)


def test_wrong_views_are_refused() -> None:
    rain = RainSequence(weather_of(), np.random.default_rng(1))

    with pytest.raises(ImageError, match="one size"):
        rain.add_rain(GREY, GREY[:-1], 0.0)
