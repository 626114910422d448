from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.stereo_matching import bad_share
from apanet_core.imaging.disparity import match_disparity

NAN = math.nan


def floats(*values: float) -> np.ndarray:
    return np.array([values], np.float32)


def test_wrong_by_over_three_pixels_or_missing_is_bad() -> None:
    reference = floats(10, 10, 10, 10, 10, NAN)
    disparity = floats(10, 13, 6.9, 13.1, NAN, 99)

    # Of the five that the reference knows, 6.9 and 13.1 are too far off and one is missing.
    assert bad_share(disparity, reference) == pytest.approx(3 / 5)


def test_the_clean_pair_has_nothing_bad_and_an_empty_one_nothing_good() -> None:
    reference = floats(0, 5, 120)

    assert bad_share(reference, reference) == 0
    assert bad_share(floats(NAN, NAN, NAN), reference) == 1


def test_no_known_pixel_is_not_a_number() -> None:
    assert math.isnan(bad_share(floats(1, 2), floats(NAN, NAN)))


def test_sizes_must_agree() -> None:
    with pytest.raises(ImageError, match=r"differ in size: \(1, 2\), \(1, 1\)"):
        bad_share(floats(1, 2), floats(1))


def test_noise_before_the_motorcycle_makes_disparities_bad(motorcycle) -> None:
    left, right = (view[200:280] for view in motorcycle[:2])
    reference = match_disparity(left, right)
    generator = np.random.default_rng(4)

    def noisy(view: np.ndarray, spread: float) -> np.ndarray:
        noise = cv2.GaussianBlur(generator.normal(0, spread, view.shape), (0, 0), 1)
        return np.rint(view + noise).clip(0, 255).astype(np.uint8)

    little, much = (
        bad_share(match_disparity(noisy(left, spread), noisy(right, spread)), reference)
        for spread in (5, 80)
    )

    assert 0 < little < 0.2
    assert much > 2 * little
