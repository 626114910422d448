from __future__ import annotations

import numpy as np

from apanet_core.evaluation.method import Method, unchanged


def gray(level: int) -> np.ndarray:
    return np.full((4, 5, 3), level, np.uint8)


def one_less_two_less(left, right):
    return left - 1, right - 2


def test_a_picture_is_given_as_both_views_and_the_left_output_counts() -> None:
    (derained,) = Method("less", one_less_two_less).apply((gray(10),))

    assert derained.max() == 9


def test_a_pair_stays_in_order() -> None:
    left, right = Method("less", one_less_two_less).apply((gray(10), gray(20)))

    assert (left.max(), right.max()) == (9, 18)


def test_the_input_is_itself() -> None:
    pair = (gray(10), gray(20))

    assert unchanged().apply(pair) == pair
    assert (unchanged().name, unchanged().learned) == ("input", False)
