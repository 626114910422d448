from __future__ import annotations

import numpy as np

from apanet_core.downstream.drawings import (
    RIGHT,
    WRONG,
    draw_disparity,
    draw_errors,
    draw_matches,
)

NAN = np.nan


def floats(*values: float) -> np.ndarray:
    return np.array([values], np.float32)


def test_near_is_red_far_is_blue_and_unknown_black() -> None:
    picture = draw_disparity(floats(10, 50, 90, NAN), (10.0, 90.0))

    far, middle, near, unknown = picture[0].astype(int)
    assert far[2] > far[0]
    assert middle[1] > max(middle[0], middle[2])
    assert near[0] > max(near[1], near[2])
    assert unknown.tolist() == [0, 0, 0]


def test_errors_have_their_colours() -> None:
    picture = draw_errors(floats(5, 8.5, NAN, 5), floats(5, 5, 5, NAN))

    assert picture[0].tolist() == [list(RIGHT), list(WRONG), [0, 0, 0], [255, 255, 255]]


def test_matches_are_drawn_green_where_right_and_red_where_wrong(motorcycle) -> None:
    left, right, disparity = (picture[150:350, 200:560] for picture in motorcycle)

    right_ones = draw_matches((left, right), disparity, 80)
    wrong_ones = draw_matches((left, right), disparity + 10, 80)

    assert right_ones.shape == left.shape
    assert _pixels(right_ones, RIGHT) > 5 * _pixels(right_ones, WRONG)
    assert _pixels(wrong_ones, WRONG) > 5 * _pixels(wrong_ones, RIGHT)


def _pixels(picture: np.ndarray, color: tuple[int, int, int]) -> int:
    return int((picture == color).all(axis=2).sum())
