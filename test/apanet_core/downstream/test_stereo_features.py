from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.downstream.keypoints import Keypoints, detect_keypoints
from apanet_core.downstream.stereo_features import (
    FeatureMatches,
    disparity_at,
    judge_matches,
    match_rows,
)


def points(*places: tuple[float, float]) -> np.ndarray:
    return np.array(places, np.float32)


def keypoints(places: np.ndarray, *codes: int) -> Keypoints:
    descriptors = np.zeros((len(codes), 32), np.uint8)
    descriptors[:, 0] = codes
    return Keypoints(places, descriptors)


def test_matches_stay_in_the_row_and_go_to_the_left() -> None:
    left = keypoints(points((50, 10), (60, 30), (70, 50)), 1, 2, 4)
    # One in its row, one three rows below, one to the right of where it was.
    right = keypoints(points((40, 12), (50, 33), (71, 50)), 1, 2, 4)

    assert match_rows(left, right, 10).tolist() == [[0, 0]]
    assert match_rows(left, right, 9).tolist() == []


def test_descriptors_decide_within_a_row_but_not_when_too_different() -> None:
    left = keypoints(points((50, 10), (55, 10)), 0b1, 0b1110)
    right = keypoints(points((40, 10), (45, 10)), 0b1110, 0b1)

    assert match_rows(left, right, 64).tolist() == [[0, 1], [1, 0]]
    other = Keypoints(points((40, 10)), np.full((1, 32), 255, np.uint8))
    assert match_rows(left, other, 64).tolist() == []


def test_matches_are_judged_by_hand() -> None:
    disparity = np.full((20, 100), 12.0, np.float32)
    disparity[:, 80:] = np.nan
    left = points((50, 10), (50, 10), (50, 10), (90, 10))
    # Disparities 12, 15, 15.1 and one where nobody knows.
    right = points((38, 10), (35, 10), (34.9, 10), (10, 10))

    found = judge_matches(left, right, disparity)

    assert found == FeatureMatches(count=4, judged=3, correct=2)
    assert found.precision == pytest.approx(2 / 3)
    assert math.isnan(judge_matches(left[:0], right[:0], disparity).precision)


def test_the_disparity_is_that_of_the_nearest_pixel() -> None:
    disparity = np.arange(6, dtype=np.float32).reshape(2, 3)

    assert disparity_at(disparity, points((0.4, 0.6), (2.4, 0.2), (2.6, 1.4))).tolist() == [3, 2, 5]


def test_most_matches_on_the_motorcycle_are_right(motorcycle) -> None:
    left, right, disparity = motorcycle
    found = detect_keypoints(left), detect_keypoints(right)

    first, second = match_rows(*found, 80).T
    matches = judge_matches(found[0].points[first], found[1].points[second], disparity)

    assert matches.count > 400
    assert matches.precision > 0.8
