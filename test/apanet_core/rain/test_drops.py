from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from apanet_core.rain.drops import (
    FAR_M,
    LARGEST_DROP_MM,
    NEAR_M,
    SMALLEST_DROP_MM,
    Drops,
    RainSpace,
    fall_speed,
    move_drops,
    rain_space,
    sample_drops,
)
from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.weather import sample_weather

CALM = {"speed_m_s": 0.0, "wind_m_s": 0.0, "gust_m_s": 0.0}


def space_of(geometry: StereoGeometry | None = None, **changes: object) -> RainSpace:
    generator = np.random.default_rng(0)
    weather = dataclasses.replace(sample_weather("moderate", generator), **changes)  # type: ignore[arg-type]
    return rain_space(weather, generator, 200, 300, geometry or StereoGeometry())


def moved(drops: Drops, seconds: float, space: RainSpace, seed: int = 5) -> Drops:
    return move_drops(drops, seconds, space, space, np.random.default_rng(seed))


def test_larger_drops_fall_faster() -> None:
    # Atlas, Srivastava and Sekhon 1973: 9.65 - 10.3 exp(-0.6 D).
    assert fall_speed(1.0) == pytest.approx(3.997, abs=1e-3)
    assert fall_speed(5.0) == pytest.approx(9.137, abs=1e-3)


def test_projection_by_hand() -> None:
    space = space_of(StereoGeometry(100.0, 0.5, (60.0, 40.0)))

    column, row = space.project(np.array([[1.0, -2.0, 10.0], [0.0, 0.0, 3.0]]))

    assert column.tolist() == pytest.approx([70, 60])
    assert row.tolist() == pytest.approx([20, 40])


def test_the_window_holds_what_falls_into_either_view() -> None:
    weather = {**CALM, "exposure_s": 0.02}
    space = space_of(StereoGeometry(100.0, 0.5), **weather)

    left, right, top, bottom = (side[0] for side in space.window(np.array([2.0])))

    blur = 100 / 2 * LARGEST_DROP_MM * 1e-3
    assert left == pytest.approx(-blur)
    assert right == pytest.approx(300 + blur + 100 * 0.5 / 2)
    assert top == pytest.approx(-blur - 9.137 * 0.02 * 100 / 2, abs=1e-3)
    assert bottom == pytest.approx(200 + blur)


def test_drops_are_those_of_the_weather() -> None:
    space = space_of(density=40000.0)

    drops = sample_drops(space, np.random.default_rng(1))

    depth = drops.position[:, 2]
    assert NEAR_M <= depth.min() < 1.5 < 20 < depth.max() <= FAR_M
    assert drops.diameter_mm.min() >= SMALLEST_DROP_MM
    excess = drops.diameter_mm.mean() - SMALLEST_DROP_MM
    assert excess == pytest.approx(space.weather.severity.mean_drop_excess_mm, rel=0.1)
    np.testing.assert_allclose(drops.velocity[:, 1], fall_speed(drops.diameter_mm))
    assert (drops.velocity[:, 2] == -space.weather.speed_m_s).all()
    assert (space.intensity(drops.position) > 0).all()
    # One view of 0.06 megapixels, of which far drops fill little more.
    far = (depth > 10) & (np.abs(space.project(drops.position)[0] - 150) < 150)
    expected = 40000 * 0.06 * (1 - (np.log(10 / NEAR_M) / np.log(FAR_M / NEAR_M)) ** 2)
    assert far.sum() == pytest.approx(expected, rel=0.15)


def test_a_drop_moves_by_its_velocity() -> None:
    space = space_of(speed_m_s=5.0, wind_m_s=1.0)
    drops = sample_drops(space, np.random.default_rng(1))

    later = moved(drops, 0.02, space)

    before = {diameter: number for number, diameter in enumerate(drops.clarity)}
    known = [(before[c], new) for new, c in enumerate(later.clarity) if c in before]
    assert len(known) > 0.7 * len(drops)
    old, new = np.array(known).T
    travelled = later.position[new] - drops.position[old]
    np.testing.assert_allclose(travelled, 0.02 * drops.velocity[old], atol=1e-12)
    np.testing.assert_array_equal(later.velocity[new], drops.velocity[old])


@pytest.mark.parametrize("speed", [0.0, 12.0])
def test_rain_stays_as_dense_everywhere(speed: float) -> None:
    space = space_of(speed_m_s=speed, wind_m_s=2.0, density=30000.0)
    generator = np.random.default_rng(2)
    drops = sample_drops(space, generator)
    fresh, lived = [], []
    for _ in range(60):
        drops = move_drops(drops, 0.05, space, space, generator)
        lived.append(_census(drops, space))
        fresh.append(_census(sample_drops(space, generator), space))

    np.testing.assert_allclose(np.mean(lived, axis=0), np.mean(fresh, axis=0), rtol=0.06)


def _census(drops: Drops, space: RainSpace) -> list[int]:
    """Count drops: all, near, far, left, right, high, low."""
    column, row = space.project(drops.position)
    near = drops.position[:, 2] < 5
    parts = (near, ~near, column < 150, column >= 150, row < 100, row >= 100)
    return [len(drops), *(int(part.sum()) for part in parts)]


def test_after_a_long_pause_every_drop_is_new() -> None:
    space = space_of()
    drops = sample_drops(space, np.random.default_rng(1))

    later = moved(drops, 60.0, space)

    assert not np.isin(later.clarity, drops.clarity).any()
    assert len(later) == pytest.approx(len(drops), rel=0.2)


def test_when_no_time_passes_nothing_changes() -> None:
    space = space_of()
    drops = sample_drops(space, np.random.default_rng(1))

    np.testing.assert_array_equal(moved(drops, 0.0, space).position, drops.position)
