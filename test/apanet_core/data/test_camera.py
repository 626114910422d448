from __future__ import annotations

import numpy as np
import pytest

from apanet_core.data.camera import Camera

PIXEL = np.array([[[100, 50, 200]]], np.uint8)
SHADES = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def flat(*color: int) -> np.ndarray:
    return np.full((40, 60, 3), color, np.uint8)


def levels(light: np.ndarray) -> np.ndarray:
    return light.astype(np.float64) * 255


def recorded(camera: Camera, picture: np.ndarray, seed: int = 0) -> np.ndarray:
    return levels(camera.recorded(camera.shown(picture), np.random.default_rng(seed)))


@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        (Camera(), (100, 50, 200)),
        # 0.299 * 100 + 0.587 * 50 + 0.114 * 200.
        (Camera(saturation=0.0), (82.05, 82.05, 82.05)),
        (Camera(saturation=0.5), (91.025, 66.025, 141.025)),
        (Camera(saturation=1.2), (103.59, 43.59, 223.59)),
        (Camera(balance=(1.1, 0.5, 2.0)), (110, 25, 255)),
        (Camera(gamma=2.0), (100**2 / 255, 50**2 / 255, 200**2 / 255)),
        (Camera(black=20.0, white=220.0), (20 + 200 * 100 / 255, 20 + 200 * 50 / 255, 176.863)),
        # x + (3 x^2 - 2 x^3 - x) of x = 100 / 255, 50 / 255, 200 / 255.
        (Camera(s_curve=1.0), (86.890, 25.567, 224.529)),
        (Camera(s_curve=-0.4), (105.244, 59.773, 190.188)),
    ],
)
def test_tone_by_hand(camera: Camera, expected: tuple[float, ...]) -> None:
    shown = camera.shown(PIXEL)

    assert shown.dtype == np.float32
    np.testing.assert_allclose(levels(shown)[0, 0], expected, atol=0.01)


def test_the_levels_come_after_the_response() -> None:
    camera = Camera(saturation=0.0, balance=(0.5, 0.5, 0.5), gamma=2.0, black=51.0, white=204.0)

    # 204 * 0.5 = 102 of 255 is 0.4, its square 0.16: 51 + 153 * 0.16.
    np.testing.assert_allclose(levels(camera.shown(flat(204, 204, 204))), 75.48, atol=0.01)


def test_sixteen_bits_are_shown_as_eight_are() -> None:
    camera = Camera(saturation=0.3, gamma=1.4, s_curve=0.5, black=10.0)

    deep = camera.shown(SHADES.astype(np.uint16) * np.uint16(257))

    np.testing.assert_allclose(deep, camera.shown(SHADES), atol=1e-5)


def test_defocus_softens_an_edge_and_keeps_the_light() -> None:
    edge = flat(50, 50, 50)
    edge[:, 30:] = 200
    shown = levels(Camera(defocus_px=1.2).shown(edge))

    np.testing.assert_allclose(shown[:, [10, 50]], [[[50] * 3, [200] * 3]] * 40, atol=0.01)
    # A pixel is half a pixel from the edge, 0.42 standard deviations.
    np.testing.assert_allclose(shown[20, 30], 50 + 150 * 0.662, atol=2)
    assert shown.mean() == pytest.approx(125, abs=0.1)


def test_the_picture_is_left_as_it_is() -> None:
    picture = SHADES.copy()
    camera = Camera(0.5, (1.1, 1.0, 0.9), 0.7, 0.3, 10, 240, 0.5, 4, 3, True, 60)

    recorded(camera, picture)

    np.testing.assert_array_equal(picture, SHADES)


def test_a_camera_without_faults_records_what_it_shows() -> None:
    np.testing.assert_allclose(recorded(Camera(), SHADES), SHADES, atol=1e-4)


def test_noise_is_as_strong_as_it_says_and_new_each_time() -> None:
    camera = Camera(noise_levels=6.0)
    grey = np.full((200, 200, 3), 128, np.uint8)
    one, again, other = (recorded(camera, grey, seed) - 128 for seed in (1, 1, 2))

    assert one.std() == pytest.approx(6, rel=0.03)
    np.testing.assert_array_equal(one, again)
    assert abs((one * other).mean()) < 1
    # Each channel has its own.
    assert abs((one[..., 0] * one[..., 1]).mean()) < 1


def test_grain_is_coloured_and_coarse() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    fine, coarse = (
        recorded(Camera(noise_levels=6.0, grain_px=grain), grey) - 128 for grain in (0.0, 6.0)
    )

    def alike(noise: np.ndarray) -> float:
        """How alike are neighbours two pixels apart."""
        return float((noise[:, 2:] * noise[:, :-2]).mean())

    assert abs(alike(fine)) < 0.7
    assert alike(coarse) > 2
    assert abs((coarse[..., 0] * coarse[..., 2]).mean()) < 0.3 * coarse.var()


def test_a_mosaic_keeps_flat_colour_and_harms_edges_only() -> None:
    np.testing.assert_allclose(
        recorded(Camera(mosaic=True), flat(200, 120, 40)), flat(200, 120, 40)
    )
    edge = flat(200, 120, 40)
    edge[:, 30:] = (40, 60, 220)

    harm = np.abs(recorded(Camera(mosaic=True), edge) - edge).max(axis=(0, 2))

    assert harm[28:32].max() > 20
    np.testing.assert_allclose(harm[:24], 0, atol=1e-4)
    np.testing.assert_allclose(harm[36:], 0, atol=1e-4)


def test_jpeg_of_less_quality_harms_more() -> None:
    def harm(quality: int) -> float:
        return float(np.abs(recorded(Camera(jpeg_quality=quality), SHADES) - SHADES).mean())

    assert 0 < harm(100) < harm(80) < harm(40)
    colors = recorded(Camera(jpeg_quality=90), flat(200, 120, 40))
    np.testing.assert_allclose(colors, flat(200, 120, 40), atol=3)


@pytest.mark.parametrize("quality", [0, 40, 90])
def test_grey_stays_grey_through_all_faults(quality: int) -> None:
    camera = Camera(
        saturation=0.0,
        gamma=0.7,
        black=20.0,
        noise_levels=6.0,
        grain_px=4.0,
        mosaic=True,
        jpeg_quality=quality,
    )
    sent = recorded(camera, SHADES)

    assert camera.is_grey
    np.testing.assert_array_equal(sent[..., 0], sent[..., 1])
    np.testing.assert_array_equal(sent[..., 0], sent[..., 2])
