from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.downstream.disparity_error import disparity_error
from apanet_core.errors import ImageError

NAN = math.nan


def floats(*values: float) -> np.ndarray:
    return np.array([values], np.float32)


def test_every_figure_by_hand() -> None:
    reference = floats(10, 10, 10, 10, NAN, NAN, 10, 10)
    disparity = floats(10, 12, 15, NAN, 40, NAN, 9, 11)

    error = disparity_error(disparity, reference)

    # The reference knows six: one is wrong by 5 pixels, one is missing, four are right.
    assert error.bad == pytest.approx(2 / 6)
    assert error.wrong == pytest.approx(1 / 5)
    assert error.end_point_px == pytest.approx((0 + 2 + 5 + 1 + 1) / 5)
    # Of all eight pixels six were matched, one of them where the reference knows nothing.
    assert error.density == pytest.approx(6 / 8)


def test_nothing_matched_is_all_bad_and_has_no_error() -> None:
    error = disparity_error(floats(NAN, NAN), floats(5, 6))

    assert error.bad == 1
    assert error.density == 0
    assert math.isnan(error.end_point_px)
    assert math.isnan(error.wrong)


def test_an_unknown_reference_judges_nothing() -> None:
    error = disparity_error(floats(3, NAN), floats(NAN, NAN))

    assert math.isnan(error.bad)
    assert error.density == 0.5


def test_sizes_must_agree() -> None:
    with pytest.raises(ImageError, match=r"differ in size: \(1, 2\), \(1, 1\)"):
        disparity_error(floats(1, 2), floats(1))
