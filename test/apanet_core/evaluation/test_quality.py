from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.evaluation.quality import (
    PSNR_CAP_DB,
    Quality,
    StereoQuality,
    capped_psnr,
    known_mean,
    mean_quality,
    mean_stereo_quality,
    pair_quality,
    picture_quality,
    stereo_quality,
)
from apanet_core.imaging.disparity import match_disparity


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


def test_input_and_output_are_not_mixed_up() -> None:
    found = picture_quality(clean=gray(100), rainy=gray(120), derained=gray(101))

    assert found.input_psnr == pytest.approx(20 * math.log10(255 / 20))
    assert found.output_psnr == pytest.approx(20 * math.log10(255))
    assert found.input_ssim < found.output_ssim < 1


def test_a_pair_is_the_mean_of_its_views() -> None:
    clean, rainy = (gray(100), gray(200)), (gray(110), gray(205))

    found = pair_quality(clean, rainy, derained=clean)

    levels = [20 * math.log10(255 / difference) for difference in (10, 5)]
    assert found.input_psnr == pytest.approx(np.mean(levels))
    assert (found.output_psnr, found.output_ssim) == (60, 1)


def test_means_by_hand() -> None:
    rows = [Quality(10, 20, 0.5, 1.0), Quality(20, 40, 0.75, 0.5)]

    assert mean_quality(rows) == Quality(15, 30, 0.625, 0.75)


def test_a_row_without_known_pixels_leaves_the_mean_to_the_others() -> None:
    rows = [StereoQuality(math.nan, 4, 2, 0.5, 0.25), StereoQuality(2, 6, 4, math.nan, 0.75)]

    assert mean_stereo_quality(rows) == StereoQuality(2, 5, 3, 0.5, 0.5)
    assert math.isnan(known_mean([math.nan]))


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


def test_blur_brings_views_together_and_takes_disparities_away(motorcycle) -> None:
    """Both figures are needed: a blur makes views differ less, but matching finds less."""
    import cv2

    clean = tuple(view[200:280] for view in motorcycle[:2])
    blurred = tuple(cv2.GaussianBlur(view, (0, 0), 6) for view in clean)
    disparity = match_disparity(*clean)

    found = stereo_quality(clean, clean, blurred, disparity)

    assert found.input_ratio == 1
    assert found.input_bad == 0
    assert found.output_ratio < 1
    assert found.output_bad > 0.1
