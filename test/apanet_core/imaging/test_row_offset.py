"""Vertical offsets of a real rectified pair that is shifted, turned, noisy or replaced."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from apanet_core.imaging.row_offset import row_offset


def moved(picture: Any, rows: float, degrees: float = 0.0) -> Any:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[1, 2] += rows
    return cv2.warpAffine(picture, matrix, (width, height))


def test_rows_of_a_rectified_pair_fit(motorcycle: Any) -> None:
    offset = row_offset(*motorcycle[:2])
    assert offset.pixels < 0.5
    assert offset.matches > 100


@pytest.mark.parametrize("rows", [-3.0, 5.0, 20.0])
def test_a_shift_is_measured(motorcycle: Any, rows: float) -> None:
    left, right, _ = motorcycle
    assert row_offset(left, moved(right, rows)).pixels == pytest.approx(abs(rows), abs=0.5)


def test_a_turn_is_seen(motorcycle: Any) -> None:
    left, right, _ = motorcycle
    assert row_offset(left, moved(right, 0.0, degrees=2.0)).pixels > 3


def test_it_is_in_pixels_of_the_picture_whatever_its_size(motorcycle: Any) -> None:
    left, right = (cv2.resize(view, (1920, 1296)) for view in motorcycle[:2])
    assert row_offset(left, moved(right, 9.0)).pixels == pytest.approx(9.0, abs=1.5)


def test_noise_does_not_disturb_it(motorcycle: Any) -> None:
    noise = np.random.default_rng(0).normal(0, 25, (2, *motorcycle[0].shape))
    noisy = [
        np.clip(view + each, 0, 255).astype(np.uint8)
        for view, each in zip(motorcycle[:2], noise, strict=True)
    ]
    assert row_offset(*noisy).pixels < 0.5


def test_pictures_without_common_points_tell_nothing(motorcycle: Any) -> None:
    left, right, _ = motorcycle
    assert row_offset(left, np.ascontiguousarray(right[::-1])) is None
    assert row_offset(np.zeros_like(left), right) is None
    assert row_offset(left[:20, :20], right[:20, :20]) is None
    for side in (1, 2, 9, 15, 16, 17, 31, 40):
        assert row_offset(left[:side, :side], right[:side, :side]) is None
    assert row_offset(left[:20].repeat(4, axis=1), right[:20].repeat(4, axis=1)) is None
