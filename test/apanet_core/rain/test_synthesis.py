from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.imaging.disparity import fill_disparity
from apanet_core.metrics import psnr
from apanet_core.rain import SEVERITIES, RainSeverity, StereoGeometry, add_rain, sample_weather
from apanet_core.rain.synthesis import HORIZON_M, transmission

GEOMETRY = StereoGeometry(focal_px=100, baseline_m=0.5)


@pytest.fixture(scope="module")
def scene(motorcycle):
    """A part of the motorcycle: left, right, disparity with its holes."""
    window = np.s_[120:270, 200:440]
    return tuple(view[window] for view in motorcycle)


def weather_of(name: str | RainSeverity, seed: int = 0, **changes: object):
    weather = sample_weather(name, np.random.default_rng(seed))
    return dataclasses.replace(weather, **changes)  # type: ignore[arg-type]


def rain(scene, weather, seed: int = 1, **options: object):
    left, right, disparity = scene
    options.setdefault("disparity", disparity)
    return add_rain(left, right, weather, np.random.default_rng(seed), **options)


def test_transmission_by_hand() -> None:
    weather = weather_of("heavy", extinction_per_m=0.1)
    # Disparity at one metre is 50 px, so these are 1, 10 and 50 m away, and sky at the horizon.
    disparity = np.array([[50.0, 5.0, 1.0, 0.0]], np.float32)

    found = transmission(disparity, weather, GEOMETRY)

    expected = [math.exp(-0.1 * metres) for metres in (1, 10, 50, HORIZON_M)]
    assert found[0].tolist() == pytest.approx(expected, rel=1e-5)
    assert found.dtype == np.float32


def test_the_veil_by_hand() -> None:
    dry = RainSeverity((0, 0), (0, 0), 1.0, (0.1, 0.1))
    weather = weather_of(dry, airlight=(0.8, 0.6, 0.4))
    view = np.full((20, 30, 3), (0, 255, 51), np.uint8)
    disparity = np.full((20, 30), 5.0, np.float32)

    found = add_rain(view, view, weather, np.random.default_rng(0), disparity, GEOMETRY)

    passed = math.exp(-0.1 * 10)
    expected = [
        clean * passed + 255 * air * (1 - passed)
        for clean, air in zip((0, 255, 51), (0.8, 0.6, 0.4), strict=True)
    ]
    for rainy in found:
        assert np.abs(rainy - np.array(expected)).max() <= 0.5


def test_rain_is_the_same_under_one_seed_and_fresh_in_each_call(scene) -> None:
    left, right, disparity = scene
    weather = weather_of("moderate")
    generator = np.random.default_rng(1)

    first = add_rain(left, right, weather, generator, disparity)
    second = add_rain(left, right, weather, generator, disparity)
    again = rain(scene, weather, seed=1)

    for one, two, three in zip(first, second, again, strict=True):
        np.testing.assert_array_equal(one, three)
        assert (one != two).mean() > 0.05


def test_rain_leaves_its_inputs_alone_and_keeps_their_form(scene) -> None:
    left, right, disparity = (view.copy() for view in scene)

    rainy = rain(scene, weather_of("violent"))

    for before, after in zip((left, right, disparity), scene, strict=True):
        np.testing.assert_array_equal(before, after)
    for view in rainy:
        assert view.shape == left.shape
        assert view.dtype == np.uint8


def test_harder_rain_harms_more(scene) -> None:
    means = [
        np.mean([psnr(rain(scene, weather_of(name, s), s)[0], scene[0]) for s in range(12)])
        for name in SEVERITIES
    ]

    assert means == sorted(means, reverse=True)
    assert all(weaker - stronger > 0.5 for weaker, stronger in pairwise(means))


def test_both_views_are_rained_on_alike(scene) -> None:
    weathers = [weather_of("heavy", seed) for seed in range(20)]
    rainy = [rain(scene, weather, seed) for seed, weather in enumerate(weathers)]

    left, right = (np.mean([psnr(pair[view], scene[view]) for pair in rainy]) for view in (0, 1))

    assert left == pytest.approx(right, abs=1.2)


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf, -1.0, 0.0])
def test_holes_in_the_disparity_are_filled(scene, hole: float) -> None:
    left, right, disparity = scene
    filled = fill_disparity(disparity)
    filled[:, 0] = 9.0
    holed = filled.copy()
    holed[::2, 1:40] = hole
    filled[::2, 1:40] = np.minimum(9.0, filled[::2, 40:41])

    found = rain((left, right, holed), weather_of("heavy"))

    expected = rain((left, right, filled), weather_of("heavy"))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_without_a_disparity_it_is_estimated(scene) -> None:
    given = rain(scene, weather_of("heavy"))
    estimated = rain(scene, weather_of("heavy"), disparity=None)

    for one, two in zip(given, estimated, strict=True):
        # The same drops fall; they differ only where the disparities disagree on what hides them.
        assert psnr(one, two) > 22
        assert (one != two).any()


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (16, 16), (40, 11)])
@pytest.mark.parametrize("with_disparity", [False, True])
def test_a_small_picture_is_rained_on_too(size: tuple[int, int], with_disparity: bool) -> None:
    view = np.full((*size, 3), 90, np.uint8)
    disparity = np.full(size, 4.0, np.float32) if with_disparity else None

    rainy = add_rain(view, view, weather_of("violent"), np.random.default_rng(0), disparity)

    assert rainy[0].shape == rainy[1].shape == view.shape


GREY = np.zeros((20, 30, 3), np.uint8)


@pytest.mark.parametrize(
    ("left", "right", "disparity", "message"),
    [
        (GREY, GREY[:-1], None, r"one size, got \(20, 30, 3\) and \(19, 30, 3\)"),
        (GREY[..., 0], GREY[..., 0], None, r"RGB \[H,W,3\] views.* got \(20, 30\) and"),
        (GREY[..., :2], GREY[..., :2], None, r"got \(20, 30, 2\) and \(20, 30, 2\)"),
        (GREY, GREY.astype(float), None, "needs uint8 views, got uint8 and float64"),
        (
            GREY,
            GREY,
            np.ones((30, 20), np.float32),
            r"The disparity is \(30, 20\), the views are \(20, 30\)",
        ),
    ],
)
def test_wrong_input_is_refused(left, right, disparity, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        add_rain(left, right, weather_of("light"), np.random.default_rng(0), disparity)


def test_it_rains_the_same_on_sixteen_bits(scene) -> None:
    left, right, disparity = scene
    deep = left.astype(np.uint16) * 257, right.astype(np.uint16) * 257, disparity
    weather = weather_of("heavy")

    for found, expected in zip(rain(deep, weather), rain(scene, weather), strict=True):
        assert found.dtype == np.uint16
        assert np.abs(found / 257 - expected).max() <= 0.51
    assert len(np.unique(rain(deep, weather)[0])) > 1000
