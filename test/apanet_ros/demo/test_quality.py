import numpy as np
import pytest

from apanet_core.metrics import psnr, ssim
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_ros.demo.quality import compare, images_of

RANDOM = np.random.default_rng(2)
CLEAN = {(stamp, view): RANDOM.integers(60, 190, (32, 40, 3), np.uint8)
         for stamp in (1, 2) for view in ("left", "right")}  # fmt: skip


def brighter(images, by: int):
    return {key: (image + by).astype(np.uint8) for key, image in images.items()}


def test_averages_run_over_every_view():
    quality = compare(CLEAN, brighter(CLEAN, 40), brighter(CLEAN, 10))
    assert quality.views == 4
    assert quality.rainy_psnr == pytest.approx(20 * np.log10(255 / 40))
    assert quality.derained_psnr == pytest.approx(20 * np.log10(255 / 10))
    assert quality.derained_ssim > quality.rainy_ssim


def test_what_was_not_derained_is_not_compared():
    rainy, derained = brighter(CLEAN, 40), brighter(CLEAN, 10)
    key = (2, "left")
    quality = compare(CLEAN, rainy, {key: derained[key]})
    assert quality.views == 1
    assert quality.rainy_psnr == psnr(rainy[key], CLEAN[key])
    assert quality.derained_ssim == ssim(derained[key], CLEAN[key])


def test_images_are_found_by_stamp_and_view():
    left, right = CLEAN[1, "left"], CLEAN[1, "right"]
    images = images_of([StereoFrame(7, left, right, StereoGeometry())])
    assert images[7, "left"] is left
    assert images[7, "right"] is right
