from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.metrics import ssim

C1, C2 = 0.01**2, 0.03**2


def test_flat_images_by_hand() -> None:
    dark, bright = (np.full((11, 11, 3), level, np.uint8) for level in (51, 204))

    # Only the luminance term counts: means 0.2 and 0.8, no variance.
    expected = (2 * 0.2 * 0.8 + C1) / (0.2**2 + 0.8**2 + C1)
    assert ssim(dark, bright) == pytest.approx(expected, abs=1e-9)


def test_a_picture_and_its_inverse_are_opposite_in_structure() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)

    assert ssim(noise, 255 - noise) < -0.5
    assert ssim(noise, noise) == pytest.approx(1)


def test_agrees_with_scikit_image_where_windows_are_whole(motorcycle) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    left, right = (view[100:260, 300:520] for view in motorcycle[:2])

    _, full = metrics.structural_similarity(
        left,
        right,
        gaussian_weights=True,
        sigma=1.5,
        truncate=5 / 1.5 - 1e-9,  # a radius of 5 pixels: the window of 11
        use_sample_covariance=False,
        channel_axis=2,
        full=True,
    )

    # scikit-image crops as much itself, but only in its mean; both compute in float64.
    assert ssim(left, right) == pytest.approx(full[5:-5, 5:-5].mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("image", "reference", "message"),
    [
        ((10, 30, 3), (10, 30, 3), r"sides of at least 11 pixels, got \(10, 30\)"),
        ((30, 10, 3), (30, 10, 3), r"sides of at least 11 pixels, got \(30, 10\)"),
        ((20, 20, 3), (20, 21, 3), r"differ in shape: \(20, 20, 3\) and \(20, 21, 3\)"),
    ],
)
def test_images_that_cannot_be_compared(image, reference, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        ssim(np.zeros(image, np.uint8), np.zeros(reference, np.uint8))
