from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from apanet_core.rain.drops import FAR_M, NEAR_M, Drops, rain_space, sample_drops
from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.streaks import LENS_SIGMA_PX, MOST_OPAQUE, Streaks, draw_streaks, expose
from apanet_core.rain.weather import sample_weather

SHAPE = (80, 120)


def streak(
    column: float = 70.0,
    disparity: float = 23.0,
    slant: float = 4.0,
    sigma: float = 1.0,
    end_disparity: float | None = None,
) -> Streaks:
    """One streak, from row 20 to row 60."""
    ends = [(column, 20.0, disparity), (column + slant, 60.0, end_disparity or disparity)]
    start, end = (np.array([point], np.float32) for point in ends)
    one = np.ones(1, np.float32)
    return Streaks(start, end, sigma * one, 0.6 * one, 0.9 * one, np.zeros((1, 2), np.float32))


def centroid(opacity: np.ndarray) -> tuple[float, float]:
    """Centre of mass: column, row."""
    rows, columns = np.indices(opacity.shape)
    return (
        float(np.average(columns, weights=opacity)),
        float(np.average(rows, weights=opacity)),
    )


def sampled(seed: int, severity: str = "heavy", **changes: object) -> Streaks:
    generator = np.random.default_rng(seed)
    weather = dataclasses.replace(sample_weather(severity, generator), **changes)  # type: ignore[arg-type]
    space = rain_space(weather, generator, 375, 1242, StereoGeometry())
    return expose(sample_drops(space, generator), space)


def test_a_streak_lies_where_its_drop_fell() -> None:
    opacity, brightness = draw_streaks(streak(), "left", None, SHAPE)

    assert opacity.shape == brightness.shape == SHAPE
    assert opacity.dtype == brightness.dtype == np.float32
    assert centroid(opacity) == pytest.approx((72, 40), abs=0.1)
    assert brightness[40, 72] == pytest.approx(0.9, abs=1e-3)
    rows = np.flatnonzero(opacity.max(axis=1) > 0.01)
    assert (rows[0], rows[-1]) == pytest.approx((20, 60), abs=3)


def test_the_core_of_a_wide_streak_has_its_opacity() -> None:
    opacity, _ = draw_streaks(streak(sigma=3.0, slant=0.0), "left", None, SHAPE)

    # Thinner towards its ends; in the middle, where the profile is 1: 1 - exp(-0.6).
    assert opacity[40, 70] == pytest.approx(1 - np.exp(-0.6), abs=0.02)


@pytest.mark.parametrize("disparity", [5.0, 23.0, 40.5])
def test_the_right_view_shows_a_streak_shifted_by_its_disparity(disparity: float) -> None:
    drop = streak(disparity=disparity)

    left, _ = draw_streaks(drop, "left", None, SHAPE)
    right, _ = draw_streaks(drop, "right", None, SHAPE)

    left_column, left_row = centroid(left)
    right_column, right_row = centroid(right)
    assert left_column - right_column == pytest.approx(disparity, abs=0.05)
    assert right_row == pytest.approx(left_row, abs=0.05)


def test_a_drop_that_comes_nearer_leans_more_in_the_right_view() -> None:
    drop = streak(disparity=20.0, end_disparity=30.0, slant=0.0)

    left, right = (draw_streaks(drop, view, None, SHAPE)[0] for view in ("left", "right"))

    for row in (25, 40, 55):
        along = (row - 20) / 40
        shift = np.average(np.arange(120), weights=left[row])
        shift -= np.average(np.arange(120), weights=right[row])
        assert shift == pytest.approx(20 + 10 * along, abs=0.4)


@pytest.mark.parametrize(("view", "column"), [("left", 72), ("right", 49)])
def test_a_nearer_scene_hides_a_streak(view, column: int) -> None:
    behind, before = (np.full(SHAPE, d, np.float32) for d in (24.0, 22.0))
    half = before.copy()
    half[40:] = 24.0

    drawn = {
        name: draw_streaks(streak(), view, scene, SHAPE)[0]
        for name, scene in (("open", None), ("before", before), ("behind", behind), ("half", half))
    }

    np.testing.assert_array_equal(drawn["before"], drawn["open"])
    assert drawn["behind"].max() == 0
    assert drawn["half"][30, column - 2 : column + 3].max() > 0.2
    assert drawn["half"][50].max() == 0


@pytest.mark.parametrize("column", [-30.0, 150.0])
def test_a_streak_outside_the_picture_leaves_no_trace(column: float) -> None:
    assert draw_streaks(streak(column=column), "left", None, SHAPE)[0].max() == 0


def test_no_drops_no_streaks() -> None:
    none = sampled(0, density=0.0)

    opacity, brightness = draw_streaks(none, "left", None, SHAPE)

    assert len(none.sigma) == 0
    assert opacity.max() == brightness.max() == 0


@pytest.mark.parametrize("severity", ["drizzle", "violent"])
def test_opacity_is_a_share(severity: str) -> None:
    opacity, brightness = draw_streaks(sampled(3, severity), "left", None, (375, 1242))

    assert opacity.min() >= 0
    assert 0.1 < opacity.max() < 1
    assert np.isfinite(brightness).all()


def test_near_drops_have_larger_disparity_and_wider_streaks() -> None:
    streaks = sampled(1)
    disparity = streaks.start[:, 2]
    one_metre = StereoGeometry().disparity_at_one_metre

    assert one_metre / FAR_M * 0.999 <= disparity.min()
    assert disparity.max() <= one_metre / NEAR_M * 1.001
    near, far = disparity > np.quantile(disparity, 0.9), disparity < np.quantile(disparity, 0.1)
    spread = np.sqrt(streaks.sigma**2 - LENS_SIGMA_PX**2)
    assert spread[near].mean() > 5 * spread[far].mean()
    assert streaks.opacity[near].mean() > streaks.opacity[far].mean()
    assert streaks.sigma.min() >= LENS_SIGMA_PX


def test_rain_is_as_dense_at_every_edge_of_both_views() -> None:
    views = [
        draw_streaks(sampled(seed, speed_m_s=0.0, wind_m_s=2.0), view, None, (375, 1242))[0]
        for seed in range(5)
        for view in ("left", "right")
    ]

    middle = np.mean([view[100:275, 300:940].mean() for view in views])
    for edge in (np.s_[:, :80], np.s_[:, -80:], np.s_[:25], np.s_[-25:]):
        for side in (0, 1):
            there = np.mean([view[edge].mean() for view in views[side::2]])
            assert there == pytest.approx(middle, rel=0.12)


def test_wind_slants_the_streaks() -> None:
    slants = [
        np.median((streaks.end - streaks.start)[:, 0])
        for streaks in (
            sampled(0, wind_m_s=wind, gust_m_s=0.0, speed_m_s=0.0) for wind in (-3, 0, 3)
        )
    ]

    assert slants[0] < -1
    assert abs(slants[1]) < 0.1
    assert slants[2] > 1


def test_a_longer_exposure_draws_longer_streaks() -> None:
    short, long = (
        np.median((streaks.end - streaks.start)[:, 1])
        for streaks in (sampled(0, exposure_s=seconds, speed_m_s=0.0) for seconds in (0.01, 0.02))
    )

    assert long == pytest.approx(2 * short, rel=0.05)


def test_driving_forward_brings_drops_nearer() -> None:
    streaks = sampled(0, speed_m_s=10.0)

    assert (streaks.end[:, 2] > streaks.start[:, 2]).all()


def test_one_drop_falls_for_one_exposure() -> None:
    generator = np.random.default_rng(0)
    weather = dataclasses.replace(
        sample_weather("heavy", generator), exposure_s=1 / 60, opacity=0.5, speed_m_s=0.0
    )
    space = rain_space(weather, generator, 80, 120, StereoGeometry(100.0, 0.5, (60.0, 40.0)))
    one = np.ones(1)
    # Ten metres away, 1 m right of the axis and 2 m above it, falling 6 m/s.
    drop = Drops(
        position=np.array([[1.0, -2.0, 10.0]]),
        velocity=np.array([[0.0, 6.0, 0.0]]),
        diameter_mm=2 * one,
        clarity=one,
        brightness=one,
        shimmer=np.zeros((1, 2)),
    )

    streak = expose(drop, space)

    assert streak.start[0] == pytest.approx((70, 20, 5))
    assert streak.end[0] == pytest.approx((70, 21, 5))
    drop_sigma = 100 * 0.002 / 10 / 2.5
    assert streak.sigma[0] == pytest.approx(np.hypot(drop_sigma, LENS_SIGMA_PX))
    # It fell exactly the 0.1 m at which the weather's opacity holds.
    assert streak.opacity[0] == pytest.approx(0.5 * np.sqrt(drop_sigma / streak.sigma[0]))


def test_a_longer_exposure_thins_streaks_and_none_is_opaque() -> None:
    short, long = (
        sampled(0, exposure_s=seconds, speed_m_s=0.0, wind_m_s=0.0, gust_m_s=0.0, opacity=0.3)
        for seconds in (1 / 120, 1 / 30)
    )

    assert np.median(short.opacity) == pytest.approx(2 * np.median(long.opacity), rel=0.05)
    assert sampled(0, exposure_s=1e-4, opacity=1.0).opacity.max() <= MOST_OPAQUE
