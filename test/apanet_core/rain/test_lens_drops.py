from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from apanet_core.rain import SEVERITIES, StereoGeometry, add_rain, sample_weather
from apanet_core.rain.drops import RainSpace, rain_space
from apanet_core.rain.lens_drops import (
    LIFE_S,
    LensDrops,
    draw_lens_drops,
    lens_cover,
    move_lens_drops,
    sample_lens_drops,
)

SKY = (0.8, 0.8, 0.8)


def space_of(
    lens_drops: float, height: int = 375, width: int = 1242, focal_px: float = 721.5
) -> RainSpace:
    generator = np.random.default_rng(0)
    weather = dataclasses.replace(sample_weather("violent", generator), lens_drops=lens_drops)
    return rain_space(weather, generator, height, width, StereoGeometry(focal_px))


def one_drop(column: float, row: float, radius: float = 10.0, slide: float = 0.0) -> LensDrops:
    one = np.ones(1)
    return LensDrops(
        place=np.array([[column, row]]),
        radius=radius * one,
        slide=slide * one,
        opacity=one,
        softness=0.5 * one,
        lobes=np.zeros((1, 3, 2)),
    )


def landscape() -> np.ndarray:
    """Bright above, dark below, with fine texture."""
    view = np.full((80, 120, 3), 0.2, np.float32)
    view[:40] = 0.9
    view[::2] -= 0.1
    return view


def test_only_the_drop_is_changed() -> None:
    view = landscape()

    seen = draw_lens_drops(view, one_drop(60, 40), SKY)

    rows, columns = np.indices((80, 120))
    outside = np.hypot(columns - 60, rows - 40) > 10 * 1.25 + 0.01
    np.testing.assert_array_equal(seen[outside], view[outside])
    assert np.abs(seen - view)[40, 52:69].min() > 0.03
    assert seen.dtype == np.float32
    np.testing.assert_array_equal(view, landscape())


def test_cover_by_hand() -> None:
    hidden = lens_cover((80, 120, 3), one_drop(60, 40))

    assert (hidden.shape, hidden.dtype) == ((80, 120), np.float32)
    # The edge is half a radius wide, from 0.75 to 1.25 radii, and smooth.
    assert (hidden[40, 53:68] == 1).all()
    np.testing.assert_allclose(hidden[40, [50, 70]], 0.5, atol=1e-6)
    # At 1.2 radii a tenth of the edge is left: 0.1^2 (3 - 0.2).
    np.testing.assert_allclose(hidden[[28, 52], 60], 0.028, atol=1e-6)
    assert hidden[40, 73] == 0
    assert lens_cover((80, 120), dataclasses.replace(one_drop(60, 40), opacity=np.array([0.6])))[
        40, 60
    ] == pytest.approx(0.6)


def test_a_view_is_changed_where_it_is_covered() -> None:
    view, drops = landscape(), sample_lens_drops(space_of(300.0, 80, 120), np.random.default_rng(0))

    changed = (draw_lens_drops(view, drops, SKY) != view).any(axis=2)
    hidden = lens_cover(view.shape, drops)

    assert len(drops) > 3
    assert not changed[hidden == 0].any()
    assert changed[hidden > 0.3].mean() > 0.9


def test_of_drops_that_overlap_the_one_that_hides_more_counts() -> None:
    weak, strong = (
        dataclasses.replace(one_drop(column, 40), opacity=np.array([opacity]))
        for column, opacity in ((60, 0.3), (66, 0.8))
    )
    both = LensDrops(
        *(
            np.concatenate([getattr(weak, field.name), getattr(strong, field.name)])
            for field in dataclasses.fields(LensDrops)
        )
    )
    covers = [lens_cover((80, 120), drops) for drops in (weak, strong)]

    np.testing.assert_array_equal(lens_cover((80, 120), both), np.maximum(*covers))


def test_without_drops_nothing_is_covered() -> None:
    none = one_drop(60, 40)[np.array([False])]

    assert lens_cover((8, 9), none).max() == 0
    # One beyond the edge covers nothing either.
    assert lens_cover((8, 9), one_drop(90, 4)).max() == 0


def test_a_drop_turns_the_view_upside_down_and_blurs_it() -> None:
    seen = draw_lens_drops(landscape(), one_drop(60, 40, radius=14), SKY)[..., 0]

    assert seen[48, 60] > seen[32, 60] + 0.1
    # The fine texture is gone: neighbouring rows in the middle are nearly the same.
    assert np.abs(np.diff(seen[36:45, 60])).max() < 0.06


def test_a_drop_has_a_soft_edge() -> None:
    black = np.zeros((80, 120, 3), np.float32)

    # On black only the sky's light is left.
    seen = draw_lens_drops(black, one_drop(60, 40), (1.0, 1.0, 1.0))[40, 60:80, 0]

    assert seen[0] == pytest.approx(0.15, abs=1e-3)
    assert (np.diff(seen) <= 1e-6).all()
    # Half way down its edge, at the radius, a drop hides half.
    assert seen[10] == pytest.approx(0.075, abs=1e-3)
    assert seen[13:].max() == 0


@pytest.mark.parametrize("place", [(-5.0, 40.0), (119.0, 79.0), (60.0, -3.0), (500.0, 500.0)])
def test_a_drop_may_lie_across_or_beyond_the_edge(place: tuple[float, float]) -> None:
    view = landscape()

    seen = draw_lens_drops(view, one_drop(*place), SKY)

    assert np.isfinite(seen).all()
    assert (seen != view).any() == (place != (500.0, 500.0))


def test_no_drops_leave_the_view_alone() -> None:
    none = sample_lens_drops(space_of(0.0), np.random.default_rng(0))

    assert len(none) == 0
    view = landscape()
    assert draw_lens_drops(view, none, SKY) is view


def test_drops_stay_few_and_mostly_small() -> None:
    generator = np.random.default_rng(1)
    space = space_of(max(severity.lens_drops[1] for severity in SEVERITIES.values()))

    draws = [sample_lens_drops(space, generator) for _ in range(200)]

    radius = np.concatenate([drops.radius for drops in draws])
    assert 1.5 <= radius.min() < 3 < np.median(radius) < 12 < 25 < radius.max() <= 30
    covered = [np.pi * (drops.radius**2).sum() / (375 * 1242) for drops in draws]
    assert np.mean(covered) < 0.02
    assert max(covered) < 0.06


def test_a_crop_and_a_smaller_picture_get_their_share() -> None:
    whole = sample_lens_drops(space_of(2000.0), np.random.default_rng(0))
    crop = sample_lens_drops(space_of(2000.0, 96, 256), np.random.default_rng(0))
    half = sample_lens_drops(space_of(2000.0, 188, 621, 360.75), np.random.default_rng(0))

    def inside(drops: LensDrops, height: int, width: int) -> int:
        return int(((drops.place >= 0) & (drops.place < (width, height))).all(axis=1).sum())

    assert inside(crop, 96, 256) / inside(whole, 375, 1242) == pytest.approx(
        96 * 256 / (375 * 1242), rel=0.2
    )
    assert inside(half, 188, 621) == pytest.approx(inside(whole, 375, 1242), rel=0.1)
    assert np.median(half.radius) == pytest.approx(np.median(whole.radius) / 2, rel=0.1)


def test_each_view_has_drops_of_its_own() -> None:
    generator = np.random.default_rng(1)
    weather = dataclasses.replace(
        sample_weather("violent", generator),
        density=0.0,
        noise_levels=0.0,
        extinction_per_m=0.0,
        lens_drops=8.0,
    )
    grey = np.full((375, 1242, 3), 60, np.uint8)
    grey[:150] = 200

    left, right = add_rain(grey, grey, weather, generator, np.full(grey.shape[:2], 5, np.float32))

    marked = [(view != grey).any(axis=2) for view in (left, right)]
    assert min(mark.sum() for mark in marked) > 100
    assert (marked[0] & marked[1]).sum() < 0.3 * min(mark.sum() for mark in marked)


def test_a_drop_slides_down_or_stays() -> None:
    space = space_of(0.0)
    generator = np.random.default_rng(0)

    slid = move_lens_drops(one_drop(60, 40, slide=20.0), 0.05, space, generator)
    stayed = move_lens_drops(one_drop(60, 40), 0.05, space, generator)

    assert slid.place.tolist() == [[60.0, 41.0]]
    assert stayed.place.tolist() == [[60.0, 40.0]]


def test_drops_last_for_seconds_and_their_number_stays() -> None:
    space = space_of(3000.0)
    generator = np.random.default_rng(0)
    first = drops = sample_lens_drops(space, generator)

    for _ in range(20):
        drops = move_lens_drops(drops, 0.25, space, generator)

    left = np.isin(drops.opacity, first.opacity).mean()
    assert left == pytest.approx(np.exp(-5 / LIFE_S), abs=0.05)
    assert len(drops) == pytest.approx(len(first), rel=0.1)
    high, low = (np.mean(drops.place[:, 1] < 100), np.mean(drops.place[:, 1] > 275))
    assert high == pytest.approx(low, abs=0.04)
