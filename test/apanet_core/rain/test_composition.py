from __future__ import annotations

import numpy as np
import pytest

from apanet_core.rain.composition import Cover, as_picture, compose
from apanet_core.rain.lens_drops import LensDrops, draw_lens_drops, lens_cover

SHAPE = (30, 40)
CLEAN = np.full((*SHAPE, 3), 100, np.uint8)
WHITE = np.ones(3, np.float32)


def cover(opacity: float, light=WHITE, screened: bool = False) -> Cover:
    return Cover(np.full(SHAPE, opacity, np.float32), np.asarray(light, np.float32), screened)


def composed(haze=(), falling=(), clean=CLEAN, **more):
    return compose(clean, list(haze), list(falling), np.random.default_rng(0), **more)


def drop() -> LensDrops:
    one = np.ones(1)
    return LensDrops(
        np.array([[20.0, 15.0]]), 6 * one, 0 * one, 0.9 * one, 0.5 * one, np.zeros((1, 3, 2))
    )


def test_a_cover_hides_its_share_by_hand() -> None:
    view = np.full((*SHAPE, 3), 0.4, np.float32)

    # 0.4 + 0.25 * (1 - 0.4), and of a light of 0.2, 0.4 and 0.8.
    np.testing.assert_allclose(cover(0.25).before(view), 0.55, rtol=1e-6)
    tinted = cover(0.5, (0.2, 0.4, 0.8)).before(view)
    np.testing.assert_allclose(tinted[0, 0], (0.3, 0.4, 0.6), rtol=1e-6)
    assert tinted.dtype == np.float32


def test_a_screened_cover_only_adds_light_by_hand() -> None:
    view = np.full((*SHAPE, 3), 0.4, np.float32)

    # 1 - (1 - 0.4) (1 - 0.5 * 0.2).
    np.testing.assert_allclose(cover(0.5, 0.2 * WHITE, True).before(view), 0.46, rtol=1e-6)
    assert (cover(0.5, 0.2 * WHITE).before(view) < 0.4).all()
    np.testing.assert_allclose(cover(1.0, WHITE, True).before(np.ones_like(view)), 1)


def test_a_light_may_differ_from_place_to_place() -> None:
    light = np.zeros((*SHAPE, 3), np.float32)
    light[10] = 1

    shown = composed(falling=[cover(0.4, light)]).rainy

    assert (shown[10] == 162).all()
    assert (shown[11] == 60).all()


def test_nothing_before_it_leaves_a_view_as_it_is() -> None:
    view = composed()

    np.testing.assert_array_equal(view.rainy, CLEAN)
    np.testing.assert_array_equal(view.hazy, CLEAN)
    np.testing.assert_array_equal(view.on_lens, np.zeros(SHAPE, np.float32))


def test_haze_lies_behind_what_falls_and_is_known_without_it() -> None:
    view = composed([cover(0.4)], [cover(0.4, 0 * WHITE)])

    # 100 + 0.4 * 155, and 0.6 of that.
    assert (view.hazy == 162).all()
    assert (view.rainy == 97).all()


def test_covers_lie_before_each_other_in_their_order() -> None:
    black, white = cover(0.4, 0 * WHITE), cover(0.4)

    # 60 + 0.4 * 195, and 0.6 * 162.
    assert (composed(falling=[black, white]).rainy == 138).all()
    assert (composed(falling=[white, black]).rainy == 97).all()


def test_drops_on_the_lens_lie_before_all_else() -> None:
    streaks = [cover(0.5)]

    view = composed(falling=streaks, on_lens=drop(), sky=(0.1, 0.2, 0.3))

    light = streaks[0].before(CLEAN / np.float32(255))
    expected = draw_lens_drops(light, drop(), (0.1, 0.2, 0.3))
    np.testing.assert_array_equal(view.rainy, as_picture(expected, CLEAN))
    np.testing.assert_array_equal(view.on_lens, lens_cover(SHAPE, drop()))
    np.testing.assert_array_equal(view.hazy, CLEAN)


def test_noise_comes_last_and_is_in_the_rainy_view_alone() -> None:
    view = composed(noise_levels=5.0)

    # Of 5 levels at mid grey, 0.4 of the variance is there in the dark, the rest goes with light.
    expected = 5 * (0.4 + 1.2 * 100 / 255) ** 0.5
    assert (view.rainy.astype(int) - 100).std() == pytest.approx(expected, rel=0.05)
    np.testing.assert_array_equal(view.hazy, CLEAN)


def test_sixteen_bits_stay_sixteen() -> None:
    view = composed([cover(0.4)], clean=CLEAN.astype(np.uint16) * np.uint16(257) + np.uint16(1))

    assert view.rainy.dtype == view.hazy.dtype == np.uint16
    # 25701 + 0.4 * 39834 = 41634.6, which is no multiple of 257.
    assert (view.rainy == 41635).all()


def test_a_picture_is_cut_off_and_rounded() -> None:
    light = np.array([[[-0.2, 0.5, 1.7]]], np.float32)

    np.testing.assert_array_equal(as_picture(light, CLEAN), np.array([[[0, 128, 255]]], np.uint8))
    deep = as_picture(light, CLEAN.astype(np.uint16))
    np.testing.assert_array_equal(deep, np.array([[[0, 32768, 65535]]], np.uint16))
