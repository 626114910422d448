from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.metrics import luma, psnr, ssim


def flat(*color: int) -> np.ndarray:
    return np.full((12, 13, 3), color, np.uint8)


@pytest.mark.parametrize(
    ("color", "level"),
    [
        ((0, 0, 0), 16),
        ((255, 255, 255), 235),
        ((255, 0, 0), 81),  # 16 + 65.481
        ((0, 255, 0), 145),  # 16 + 128.553
        ((0, 0, 255), 41),  # 16 + 24.966
        ((128, 128, 128), 126),  # 16 + 219 * 128 / 255 = 125.93
    ],
)
def test_by_hand(color, level) -> None:
    found = luma(flat(*color))

    assert (found.dtype, found.shape) == (np.uint8, (12, 13))
    assert (found == level).all()


def test_agrees_with_scikit_image(motorcycle) -> None:
    color = pytest.importorskip("skimage.color")
    left = motorcycle[0]

    # scikit-image does not round.
    assert np.abs(luma(left) - color.rgb2ycbcr(left)[..., 0]).max() <= 0.5 + 1e-6


def test_a_grey_error_reads_1_3_db_higher_than_in_rgb() -> None:
    """Studio swing has 219 levels for 255: 20 log10 of their ratio is 1.32 dB."""
    ramp = np.tile(np.arange(0, 240, 2, np.uint8)[:, None, None], (1, 120, 3))
    brighter = ramp + 15

    gained = psnr(luma(brighter), luma(ramp)) - psnr(brighter, ramp)

    assert gained == pytest.approx(20 * math.log10(255 / 219), abs=0.03)


def test_ssim_is_taken_on_it_as_well(motorcycle) -> None:
    left, right = (luma(view) for view in motorcycle[:2])

    assert 0 < ssim(left, right) < 1 == ssim(left, left)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 5), np.uint8), r"Luma needs uint8 RGB \[H,W,3\], got uint8 \[4, 5\]"),
        (np.zeros((4, 5, 3), np.float32), r"got float32 \[4, 5, 3\]"),
    ],
)
def test_what_has_no_luma(image, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        luma(image)
