from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.rain.statistics import dominant_tilt, measure_streaks
from apanet_core.rain.streaks import Streaks, draw_streaks

SHAPE = (240, 320)
COLUMNS, ROWS = 10, 4


def rained_on(
    background: np.ndarray,
    sigma: float = 1.2,
    length: float = 30.0,
    tilt: float = 10.0,
    contrast: float = 40.0,
    wobble: float = 0.0,
) -> ByteImage:
    """Forty streaks, well apart, of known width, length, tilt and contrast."""
    generator = np.random.default_rng(0)
    column, row = np.meshgrid(np.linspace(25, 285, COLUMNS), np.linspace(15, 185, ROWS))
    start = np.column_stack([column.ravel(), row.ravel(), np.zeros(COLUMNS * ROWS)])
    start[:, :2] += generator.uniform(-4, 4, (len(start), 2))
    angle = np.radians(tilt + wobble * generator.standard_normal(len(start)))
    step = length * np.column_stack([np.sin(angle), np.cos(angle), np.zeros(len(start))])
    one = np.ones(len(start), np.float32)
    # White drops over grey 100: an opacity of 1 - exp(-x) raises it by (255 - 100) times that.
    optical_depth = -np.log(1 - contrast / 155)
    streaks = Streaks(
        start.astype(np.float32),
        (start + step).astype(np.float32),
        np.float32(sigma) * one,
        np.float32(optical_depth) * one,
        one,
        np.zeros((len(start), 2), np.float32),
    )
    opacity, _ = draw_streaks(streaks, "left", None, SHAPE)
    rainy = background + opacity[..., None] * (255 - background)
    return np.asarray(np.rint(rainy), np.uint8)


def grey(noise: float = 0.0) -> np.ndarray:
    plain = np.full((*SHAPE, 3), 100.0)
    return plain + np.random.default_rng(1).normal(0, noise, plain.shape)


# The renderer has widths half an octave apart: 0.5, 0.71, 1, 1.41, 2.
@pytest.mark.parametrize(
    ("sigma", "length", "tilt", "contrast"),
    [(0.71, 25, 0, 30), (1.0, 30, 12, 40), (1.41, 40, -25, 25), (2.0, 45, 8, 60)],
)
def test_known_streaks_are_measured(
    sigma: float, length: float, tilt: float, contrast: float
) -> None:
    image = rained_on(grey(1.0), sigma=sigma, length=length, tilt=tilt, contrast=contrast)

    found = measure_streaks(image)

    assert found.examined == 1
    assert found.density == pytest.approx(COLUMNS * ROWS / (240 * 320) * 1e6, rel=0.1)
    # Drawing and turning on the pixel grid blur by half a pixel, which widens and dims.
    blurred = np.hypot(sigma, 0.5)
    assert np.median(found.width) == pytest.approx(2.355 * blurred, rel=0.15)
    assert np.median(found.length) == pytest.approx(length, rel=0.15)
    assert np.median(found.tilt) == pytest.approx(tilt, abs=2)
    # The mean along a streak that tapers to both its ends.
    assert np.median(found.contrast) == pytest.approx(0.8 * contrast * sigma / blurred, rel=0.2)
    assert found.width.dtype == found.length.dtype == found.contrast.dtype == np.float32


def test_spread_is_that_of_the_directions() -> None:
    straight, spread = (measure_streaks(rained_on(grey(), wobble=w)).spread for w in (0.0, 5.0))

    assert straight < 2
    assert spread == pytest.approx(5, abs=1.5)


@pytest.mark.parametrize("tilt", [-30, 0, 20])
def test_the_dominant_tilt_is_found(tilt: int) -> None:
    image = rained_on(grey(2.0), tilt=tilt)

    assert dominant_tilt(image[..., 0].astype(np.float32)) == pytest.approx(tilt, abs=5)


def test_no_rain_no_streaks() -> None:
    found = measure_streaks(grey(1.5).clip(0, 255).astype(np.uint8))

    assert found.density == 0
    assert np.isnan(found.spread)


def test_texture_is_left_out() -> None:
    background = grey()
    # A lawn: bright blades in every direction, over the left half.
    generator = np.random.default_rng(2)
    lawn = generator.normal(0, 60, (240, 160, 1))
    background[:, :160] += lawn - np.roll(lawn, 1, axis=1)
    rainy = rained_on(background.clip(0, 255))

    found = measure_streaks(rainy)

    assert 0.4 < found.examined < 0.65
    assert found.density == pytest.approx(COLUMNS * ROWS / (240 * 320) * 1e6, rel=0.3)


def test_a_picture_of_nothing_but_texture_has_no_density() -> None:
    lawn = np.random.default_rng(2).integers(0, 255, (96, 96, 3)).astype(np.uint8)

    found = measure_streaks(lawn)

    assert found.examined == 0
    assert np.isnan(found.density)
    assert len(found.width) == 0


def test_more_rain_is_denser() -> None:
    once = rained_on(grey())
    twice = np.maximum(once, np.roll(once, (30, 15), axis=(0, 1)))

    densities = [measure_streaks(image).density for image in (once, twice)]

    assert densities[1] == pytest.approx(2 * densities[0], rel=0.15)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((80, 80), np.uint8), r"uint8 RGB \[H,W,3\], not uint8 \(80, 80\)"),
        (np.zeros((80, 80, 3), np.float32), "Streaks are measured in uint8"),
        (np.zeros((40, 80, 3), np.uint8), "A picture of 80x40 is too small to measure"),
    ],
)
def test_wrong_pictures_are_refused(image, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        measure_streaks(image)
