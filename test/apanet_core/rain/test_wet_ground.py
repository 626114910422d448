from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ConfigError, ImageError
from apanet_core.rain import StereoGeometry, wet_ground
from apanet_core.rain.wet_ground import DARKENING, Ground, find_ground, ground_share

GEOMETRY = StereoGeometry(focal_px=200.0, baseline_m=0.5, center=(80.0, 50.0))
HEIGHT_M = 1.6


def road() -> tuple[np.ndarray, np.ndarray]:
    """A grey road below a horizon at row 50, a wall 40 m away, a box 8 m away: view, disparity."""
    rows = np.arange(120, dtype=np.float32)[:, None]
    disparity = np.maximum((rows - 50) * 0.5 / HEIGHT_M, 100 / 40) * np.ones((1, 160), np.float32)
    disparity[40:75, 60:90] = 100 / 8
    view = np.full((120, 160, 3), 128, np.uint8)
    view[:50] = 220
    return view, np.asarray(disparity, np.float32)


def test_the_ground_is_found() -> None:
    ground = find_ground(road()[1], GEOMETRY)

    assert ground is not None
    assert ground.slope == pytest.approx(0.5 / HEIGHT_M, rel=0.08)
    assert ground.horizon == pytest.approx(50, abs=3)


def test_ground_is_neither_the_wall_nor_the_box() -> None:
    share = ground_share(road()[1], Ground(0.5 / HEIGHT_M, 50.0))

    assert share[100:, 20:140].min() > 0.95
    assert share[:40].max() == 0
    assert share[52:64, 68:82].max() < 0.1


def test_wet_ground_is_darker_and_nothing_else_changes() -> None:
    view, disparity = road()

    left, right = wet_ground(view, view, disparity, 1.0, GEOMETRY)

    for wet in (left, right):
        assert wet[110, 100].mean() < 115
        np.testing.assert_array_equal(wet[:40], view[:40])
        assert wet.dtype == np.uint8
    np.testing.assert_array_equal(left[52:62, 68:82], view[52:62, 68:82])


def test_soaked_ground_by_hand() -> None:
    view, disparity = road()
    ground = find_ground(disparity, GEOMETRY)
    assert ground is not None

    row = 118
    left, _ = wet_ground(view, view, disparity, 1.0, GEOMETRY)

    angle = np.degrees(np.arctan2(row - ground.horizon, 200))
    mirrored = 0.3 * np.exp(-angle / 10)
    soaked = (128 / 255) ** (1 + DARKENING)
    expected = soaked + mirrored * (220 / 255 - soaked)
    assert left[row, 100] / 255 == pytest.approx(np.full(3, expected), abs=0.02)


def test_wetter_is_darker_and_dry_is_dry() -> None:
    view, disparity = road()

    means = [
        wet_ground(view, view, disparity, wetness, GEOMETRY)[0][100:].mean()
        for wetness in (0.0, 0.3, 0.7, 1.0)
    ]

    assert means[0] == 128
    assert means == sorted(means, reverse=True)
    assert means[0] - means[1] > 3


def test_both_views_stay_one_scene() -> None:
    view, disparity = road()

    left, right = wet_ground(view, view, disparity, 1.0, GEOMETRY)

    # The grey road has no texture, so where both see it, its brightness must agree.
    np.testing.assert_allclose(left[90:115, 60:90], right[90:115, 40:70], atol=3)


def test_a_scene_without_ground_stays_as_it_is() -> None:
    view, _ = road()
    generator = np.random.default_rng(0)
    clutter = np.exp(generator.uniform(-3, 5, (120, 160))).astype(np.float32)

    for disparity in (clutter, np.full((120, 160), 30.0, np.float32)):
        assert find_ground(disparity, GEOMETRY) is None
        np.testing.assert_array_equal(wet_ground(view, view, disparity, 1.0, GEOMETRY)[0], view)


def test_holes_do_not_matter() -> None:
    view, disparity = road()
    holed = disparity.copy()
    holed[::2, ::3] = np.nan

    whole = wet_ground(view, view, disparity, 1.0, GEOMETRY)[0]

    found = wet_ground(view, view, holed, 1.0, GEOMETRY)[0]
    assert np.abs(found.astype(int) - whole)[95:].max() <= 3


def test_a_picture_that_shows_no_ground_is_left_alone() -> None:
    view, disparity = road()
    sky = StereoGeometry(200.0, 0.5, (80.0, 300.0))

    np.testing.assert_array_equal(wet_ground(view, view, disparity, 1.0, sky)[0], view)


@pytest.mark.parametrize("wetness", [-0.1, 1.5, float("nan")])
def test_wetness_is_a_share(wetness: float) -> None:
    view, disparity = road()

    with pytest.raises(ConfigError, match=r"Wetness is between 0 and 1, got (-0\.1|1\.5|nan)"):
        wet_ground(view, view, disparity, wetness, GEOMETRY)


def test_wrong_views_are_refused() -> None:
    view, disparity = road()

    with pytest.raises(ImageError, match="The disparity is"):
        wet_ground(view, view, disparity[:-1], 1.0, GEOMETRY)
