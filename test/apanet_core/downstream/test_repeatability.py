from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.downstream.keypoints import detect_keypoints
from apanet_core.downstream.repeatability import repeatability


def points(*places: tuple[float, float]) -> np.ndarray:
    return np.array(places, np.float32).reshape(-1, 2)


def test_found_again_within_two_pixels() -> None:
    clean = points((10, 10), (20, 10), (30, 10), (40, 10))
    # Exactly there, 2 pixels off, 2.1 off, and one far from any.
    rainy = points((10, 10), (20, 12), (32.1, 10), (90, 90))

    assert repeatability(rainy, clean) == pytest.approx(2 / 4)
    assert repeatability(rainy, clean, largest_px=3.0) == pytest.approx(3 / 4)


def test_many_points_in_one_place_find_one() -> None:
    assert repeatability(points(*[(10, 10)] * 50), points((10, 10), (50, 50))) == 0.5


def test_nothing_found_and_nothing_to_find() -> None:
    assert repeatability(points(), points((1, 1))) == 0
    assert math.isnan(repeatability(points((1, 1)), points()))


def test_a_picture_repeats_itself_and_noise_does_not(motorcycle) -> None:
    clean = detect_keypoints(motorcycle[0]).points
    noise = np.random.default_rng(2).integers(0, 256, motorcycle[0].shape, np.uint8)

    assert repeatability(clean, clean) == 1
    assert repeatability(detect_keypoints(noise).points, clean) < 0.3
