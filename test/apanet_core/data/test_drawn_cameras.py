from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from apanet_core.data.camera import Camera
from apanet_core.data.drawn_cameras import GREY_SHARE, PLAIN_SHARE, SAME_SHARE, draw_cameras

SHADES = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def test_what_is_sent_has_eight_bits() -> None:
    for seed in range(40):
        left, right = draw_cameras(np.random.default_rng(seed))
        for camera in (left, right):
            light = camera.recorded(camera.shown(SHADES), np.random.default_rng(seed))
            sent = light.astype(np.float64) * 255
            assert 0 <= sent.min() <= sent.max() <= 255
            np.testing.assert_allclose(sent, np.rint(sent), atol=1e-4)


DRAWN = [draw_cameras(np.random.default_rng(seed)) for seed in range(2000)]
ONE_OF_EACH = [pair[seed % 2] for seed, pair in enumerate(DRAWN)]


def share(found) -> float:
    return float(np.mean([bool(each) for each in found]))


def test_a_generator_draws_the_cameras() -> None:
    assert draw_cameras(np.random.default_rng(5)) == DRAWN[5]
    assert len(set(DRAWN)) > 0.85 * len(DRAWN)


def test_every_camera_is_within_its_ranges() -> None:
    for camera in ONE_OF_EACH:
        assert 0 <= camera.saturation <= 1.3
        # 0.8 to 1.15, balance of a quarter, exposure of 15 % and tint of 5 % of the other view.
        assert all(
            0.8 * 0.75 * 0.85 * 0.95 < gain < 1.15 * 1.25 * 1.15 * 1.05 for gain in camera.balance
        )
        assert 0.5 <= camera.gamma <= 2
        assert -0.4 <= camera.s_curve <= 1
        assert 0 <= camera.black <= 70
        assert 150 <= camera.white <= 255
        assert camera.defocus_px == 0 or 0.3 <= camera.defocus_px <= 1.2
        assert 0 <= camera.noise_levels <= 8
        assert camera.grain_px == 0 or 2 <= camera.grain_px <= 6
        assert camera.jpeg_quality == 0 or 40 <= camera.jpeg_quality <= 100


def test_a_grey_camera_has_one_gain() -> None:
    greys = [camera for pair in DRAWN for camera in pair if camera.is_grey]

    assert len(greys) > 1000
    assert all(len(set(camera.balance)) == 1 for camera in greys)


def test_cameras_are_drawn_in_their_shares() -> None:
    # Standard deviations of about 0.01.
    assert 0.25 < share(camera.is_grey for camera in ONE_OF_EACH) < 0.36
    assert share(left == right for left, right in DRAWN) == pytest.approx(SAME_SHARE, abs=0.04)
    mixed = share(left.is_grey != right.is_grey for left, right in DRAWN)
    assert mixed == pytest.approx((1 - SAME_SHARE) * 0.15, abs=0.02)
    tone = [
        replace(left, noise_levels=0, grain_px=0, mosaic=False, jpeg_quality=0) for left, _ in DRAWN
    ]
    plain = share(camera == Camera() for camera in tone)
    # Of a pair whose exposures differ, either may be the plain one.
    assert plain == pytest.approx(PLAIN_SHARE * (SAME_SHARE + (1 - SAME_SHARE) / 2), abs=0.03)
    assert GREY_SHARE >= 0.25
    assert share(camera.noise_levels > 0 for camera in ONE_OF_EACH) == pytest.approx(0.35, abs=0.04)
    assert share(camera.jpeg_quality > 0 for camera in ONE_OF_EACH) == pytest.approx(0.3, abs=0.04)
    assert share(camera.mosaic for camera in ONE_OF_EACH) == pytest.approx(0.15, abs=0.03)


def test_either_view_may_be_the_brighter_one() -> None:
    brighter = [
        left.balance[1] > right.balance[1]
        for left, right in DRAWN
        if left.balance[1] != right.balance[1]
    ]

    assert share(brighter) == pytest.approx(0.5, abs=0.06)
