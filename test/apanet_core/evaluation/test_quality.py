from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.evaluation.quality import (
    PSNR_CAP_DB,
    StereoQuality,
    capped_psnr,
    known_mean,
)


def gray(level: int) -> np.ndarray:
    return np.full((12, 13, 3), level, np.uint8)


def test_equal_pictures_count_60_db() -> None:
    assert capped_psnr(gray(5), gray(5)) == PSNR_CAP_DB == 60


def test_one_level_off_in_one_pixel_counts_60_db_as_well() -> None:
    other = gray(5)
    other[0, 0, 0] = 6

    assert capped_psnr(other, gray(5)) == 60
    # One level everywhere: 20 log10 255.
    assert capped_psnr(gray(6), gray(5)) == pytest.approx(48.1308)


def test_ratios_by_hand() -> None:
    row = StereoQuality(4, 10, 5, 0.5, 0.125)

    assert (row.input_ratio, row.output_ratio) == (2.5, 1.25)
    assert row.bad_reduction == 0.75


@pytest.mark.parametrize(
    ("row", "ratio", "reduction"),
    [
        (StereoQuality(0, 0, 0, 0, 0), 1, 0),
        (StereoQuality(0, 1, 2, 0, 0.5), math.inf, -math.inf),
        (StereoQuality(1, 1, 1, 0.2, 0.4), 1, -1),
    ],
)
def test_ratios_at_their_ends(row, ratio, reduction) -> None:
    assert row.output_ratio == ratio
    assert row.bad_reduction == reduction


def test_unknown_values_leave_the_mean_to_the_others() -> None:
    assert known_mean([1, math.nan, 4]) == 2.5
    assert math.isnan(known_mean([math.nan]))
