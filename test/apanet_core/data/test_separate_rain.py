from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from apanet_core.data import separate_rain as module
from apanet_core.data.separate_rain import (
    FALLING,
    LENS_DROPS_SHARE,
    NIGHT_SHARE,
    SPRAY_SHARE,
    VEIL_SHARE,
    Kinds,
    draw_kinds,
    rain_of_kinds,
    separate_rain,
)
from apanet_core.rain import StereoGeometry

SHAPE = (100, 160)
SCENE = np.random.default_rng(0).integers(40, 120, (*SHAPE, 3), np.uint8)
# Far, so that all that falls is before it.
FAR = np.full(SHAPE, 5.0, np.float32)
MASK = np.zeros((60, 80, 3), np.uint8)
MASK[:, ::9] = 220
DRAWN = [draw_kinds(np.random.default_rng(seed)) for seed in range(3000)]
NAMES = ("veil", "spray", "lens_drops", "night", *FALLING)


def has(kinds: Kinds, name: str) -> bool:
    return name in kinds.falling if name in FALLING else getattr(kinds, name)


def rain(kinds: Kinds, seed: int = 0):
    """The rainy views and their clean pair, without noise."""
    generator = np.random.default_rng(seed)
    return rain_of_kinds(kinds, (SCENE, SCENE), FAR, StereoGeometry(), [MASK], generator)


@pytest.fixture
def no_noise(monkeypatch) -> None:
    """Sensors without noise, for what a kind leaves alone."""
    drawn = module.sample_weather
    monkeypatch.setattr(
        module, "sample_weather", lambda *given: replace(drawn(*given), noise_levels=0.0)
    )


def test_there_is_always_rain() -> None:
    for kinds in DRAWN:
        assert kinds.veil or kinds.spray or kinds.lens_drops or kinds.falling


def test_kinds_are_drawn_in_their_shares() -> None:
    shares = {
        "veil": VEIL_SHARE,
        "spray": SPRAY_SHARE,
        "lens_drops": LENS_DROPS_SHARE,
        "night": NIGHT_SHARE,
    } | FALLING
    rain_kinds = [share for name, share in shares.items() if name != "night"]
    there_is_rain = 1 - np.prod([1 - share for share in rain_kinds])
    for name, share in shares.items():
        found = np.mean([has(kinds, name) for kinds in DRAWN])
        expected = share if name == "night" else share / there_is_rain
        assert found == pytest.approx(expected, abs=0.03), name


@pytest.mark.parametrize(("one", "other"), list(combinations(NAMES, 2)))
def test_no_kind_predicts_another(one: str, other: str) -> None:
    both = np.array([[has(kinds, one), has(kinds, other)] for kinds in DRAWN], float)

    # Draws without any rain are left out, for which kinds are a little less frequent together.
    assert abs(np.corrcoef(both.T)[0, 1]) < 0.15


def test_without_masks_none_fall() -> None:
    found = [draw_kinds(np.random.default_rng(seed), have_masks=False) for seed in range(500)]

    assert all("masks" not in kinds.falling for kinds in found)
    assert all(kinds.veil or kinds.spray or kinds.lens_drops or kinds.falling for kinds in found)


def test_a_generator_makes_the_rain() -> None:
    def drawn(seed: int):
        generator = np.random.default_rng(seed)
        return separate_rain((SCENE, SCENE), FAR, StereoGeometry(), [MASK], generator)

    (one, right), clean = drawn(3)
    np.testing.assert_array_equal(one.rainy, drawn(3)[0][0].rainy)
    assert not np.array_equal(one.rainy, drawn(4)[0][0].rainy)
    for picture in (one.rainy, one.hazy, right.rainy, right.hazy, *clean):
        assert (picture.shape, picture.dtype) == (SCENE.shape, np.uint8)
    assert (one.on_lens.shape, one.on_lens.dtype) == (SHAPE, np.float32)


@pytest.mark.parametrize("falling", FALLING)
def test_what_falls_comes_without_a_veil(falling: str, no_noise) -> None:
    for seed in range(6):
        views, clean = rain(Kinds(falling=(falling,)), seed)
        for view in views:
            np.testing.assert_array_equal(view.hazy, SCENE)
            assert view.on_lens.max() == 0
        np.testing.assert_array_equal(clean, (SCENE, SCENE))
        changed = np.mean([(view.rainy != SCENE).any(axis=2).mean() for view in views])
        # Between streaks the scene is as it was.
        assert 0.001 < changed < 0.98


def test_a_veil_comes_without_streaks(no_noise) -> None:
    for seed in range(6):
        views, _ = rain(Kinds(veil=True), seed)
        for view in views:
            np.testing.assert_array_equal(view.rainy, view.hazy)
            # Everything is equally far.
            gain, offset = np.polyfit(
                SCENE[..., 0].ravel(), view.hazy[..., 0].ravel().astype(float), 1
            )
            assert 0.2 < gain <= 1
            assert offset >= -0.5


def test_spray_lies_over_the_scene_as_haze_does(no_noise) -> None:
    brightest = []
    for seed in range(8):
        views, clean = rain(Kinds(spray=True), seed)
        for view in views:
            np.testing.assert_array_equal(view.rainy, view.hazy)
            brightest.append((view.hazy.astype(int) - SCENE).max())
        np.testing.assert_array_equal(clean, (SCENE, SCENE))
    assert max(brightest) > 10


def test_drops_on_the_lens_change_what_they_cover(no_noise) -> None:
    # Of KITTI's size nearly, for a crop sees only its share.
    scene, far = np.tile(SCENE, (3, 6, 1)), np.tile(FAR, (3, 6))
    covered = []
    for seed in range(4):
        generator = np.random.default_rng(seed)
        kinds = Kinds(lens_drops=True)
        views, _ = rain_of_kinds(kinds, (scene, scene), far, StereoGeometry(), [], generator)
        for view in views:
            np.testing.assert_array_equal(view.hazy, scene)
            outside = view.on_lens == 0
            np.testing.assert_array_equal(view.rainy[outside], scene[outside])
            covered.append(float((view.on_lens > 0.5).mean()))
        assert not np.array_equal(views[0].on_lens, views[1].on_lens)
    assert 0.0005 < np.mean(covered) < 0.1


def test_night_dims_the_clean_pair_and_what_falls(no_noise) -> None:
    for falling in ("streaks", "flakes"):
        (left, _), day = rain(Kinds(falling=(falling,)), 5)
        (dark, _), night = rain(Kinds(falling=(falling,), night=True), 5)
        added = (left.rainy.astype(int) - day[0]).clip(0).mean()
        assert night[0].mean() < 0.8 * day[0].mean()
        np.testing.assert_array_equal(dark.hazy, night[0])
        assert 0 < (dark.rainy.astype(int) - night[0]).clip(0).mean() < added


def test_recorded_masks_fall_where_they_are_drawn(no_noise) -> None:
    (left, _), _ = rain(Kinds(falling=("masks",)), 2)
    generator = np.random.default_rng(2)
    kinds = Kinds(falling=("masks",))
    (without, _), _ = rain_of_kinds(kinds, (SCENE, SCENE), FAR, StereoGeometry(), [], generator)

    assert (left.rainy > SCENE + 5).any()
    np.testing.assert_array_equal(without.rainy, SCENE)


def test_rain_has_its_sensors_noise() -> None:
    noise = []
    for seed in range(6):
        (left, right), _ = rain(Kinds(falling=("masks",)), seed)
        noise.append((left.rainy.astype(int) - SCENE).std())
        assert not np.array_equal(left.rainy, right.rainy)
    assert min(noise) > 0.3
