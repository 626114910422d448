from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.metrics import psnr


def test_by_hand() -> None:
    reference = np.zeros((2, 5, 3), np.uint8)
    image = reference.copy()
    image[0, 0] = (3, 4, 0)

    # Mean squared error 25 / 30.
    assert psnr(image, reference) == pytest.approx(20 * math.log10(255) - 10 * math.log10(25 / 30))


def test_black_against_white_is_zero_whichever_comes_first() -> None:
    black, white = np.zeros((3, 3, 3), np.uint8), np.full((3, 3, 3), 255, np.uint8)

    assert psnr(black, white) == psnr(white, black) == 0


def test_equal_images_are_infinitely_alike() -> None:
    image = np.full((4, 4, 3), 7, np.uint8)

    assert psnr(image, image) == math.inf


def test_agrees_with_scikit_image(motorcycle) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    left, right, _ = motorcycle

    assert psnr(left, right) == pytest.approx(metrics.peak_signal_noise_ratio(right, left))


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 5, 3), np.uint8), r"differ in shape: \(4, 5, 3\) and \(4, 4, 3\)"),
        (np.zeros((4, 4, 3), np.float32), "Metrics take uint8 images, got float32 and uint8"),
    ],
)
def test_images_that_cannot_be_compared(image, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        psnr(image, np.zeros((4, 4, 3), np.uint8))
