from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from apanet_core.downstream.texture import gradient, texture_ratio


def test_a_ramp_by_hand() -> None:
    ramp = np.repeat(np.arange(0, 60, 3, np.uint8)[None, :, None], 10, axis=0).repeat(3, axis=2)

    # Three levels a pixel, but none at the two border columns, where the ramp is mirrored.
    assert gradient(ramp) == pytest.approx(3 * 18 / 20)
    assert texture_ratio(ramp, ramp) == 1


def test_blur_takes_texture_and_noise_brings_it(motorcycle) -> None:
    clean = motorcycle[0]
    noise = np.random.default_rng(0).integers(-20, 21, clean.shape)

    assert texture_ratio(cv2.GaussianBlur(clean, (0, 0), 2), clean) < 0.8
    assert texture_ratio(np.clip(clean + noise, 0, 255).astype(np.uint8), clean) > 1.1


def test_a_flat_reference_is_no_measure(motorcycle) -> None:
    assert math.isnan(texture_ratio(motorcycle[0], np.zeros_like(motorcycle[0])))
