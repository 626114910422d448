from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.consistency import view_difference, warp_to_left

NAN = math.nan


def floats(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def picture(*rows: list[int]) -> np.ndarray:
    return np.repeat(np.array(rows, np.uint8)[..., None], 3, axis=2)


def test_the_left_column_shows_what_the_right_one_shows_a_disparity_before() -> None:
    right = picture([10, 20, 30, 40])

    warped = warp_to_left(right, floats([0, 1, 2, 0.5]))

    # Columns 0, 0, 0 and 2.5, halfway between 30 and 40.
    np.testing.assert_allclose(warped[0, :, 0], [10, 10, 10, 35])
    assert warped.dtype == np.float32


def test_the_difference_by_hand() -> None:
    disparity = floats([NAN, 1, 1, 1])
    left = picture([99, 12, 20, 36])
    right = picture([10, 20, 30, 99])

    # |12 - 10|, |20 - 20| and |36 - 30|; the unknown pixel, which differs much, does not count.
    assert view_difference((left, right), disparity) == pytest.approx(8 / 3)


def test_views_of_one_scene_agree_and_rain_in_one_of_them_does_not() -> None:
    scene = np.random.default_rng(1).integers(0, 256, (20, 44, 3), np.uint8)
    left, right = scene[:, :40], scene[:, 4:]
    disparity = np.full((20, 40), 4, np.float32)
    rainy = left.copy()
    rainy[5, 10:15] = 255 - rainy[5, 10:15]

    assert view_difference((left, right), disparity) == 0
    assert view_difference((rainy, right), disparity) > 0


def test_nothing_known_is_not_a_number() -> None:
    assert math.isnan(view_difference((picture([1, 2]),) * 2, floats([NAN, NAN])))


def test_the_clean_motorcycle_is_consistent_along_its_true_disparity(motorcycle) -> None:
    left, right, disparity = motorcycle
    known = np.where(np.isfinite(disparity), disparity, NAN).astype(np.float32)

    found = view_difference((left, right), known)

    assert 0 < found < 8
    assert found < 0.5 * view_difference((left, right), known + 10)


def test_sizes_must_agree() -> None:
    with pytest.raises(ImageError, match=r"Views of \(1, 2\) and .* that size, got \(1, 3\)"):
        view_difference((picture([1, 2]),) * 2, floats([1, 1, 1]))
