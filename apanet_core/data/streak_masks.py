"""Rain from recorded or rendered streak masks, such as those of Garg and Nayar (2006).

A second renderer beside `apanet_core.rain`: a network trained on both learns what rain is, rather
than what one renderer draws.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from apanet_core.imaging.disparity import fill_disparity, right_disparity
from apanet_core.imaging.types import ByteImage, FloatMap, ViewPair
from apanet_core.rain import StereoGeometry, Weather
from apanet_core.rain.composition import Cover, RainyView, compose
from apanet_core.rain.synthesis import haze_cover

MOST_LAYERS = 3
NEAREST_M = 3.0
FARTHEST_M = 25.0
NATURAL_DEPTH_M = 10.0
"""Depth at which a mask is drawn at about its own size."""
LARGEST_TILT_DEGREES = 10.0


class StreakLayer(NamedTuple):
    """Streaks that fall at one depth.

    Attributes:
        strip: float32 `[H, W + disparity]` in [0, 1]: what the left view sees, and right of it
            what only the right view does.
        disparity: pixels.
        opacity: of the brightest streak, 0 to 1.
        screened: whether light is added as on a screen (`1 - (1 - a)(1 - b)`), which spares bright
            places, or streaks cover what is behind them.
    """

    strip: FloatMap
    disparity: int
    opacity: float
    screened: bool

    def seen_by(self, view: int, scene_disparity: FloatMap) -> FloatMap:
        """Return the opacity that the left (0) or right (1) view sees, float32 `[H,W]`."""
        start = view * self.disparity
        streaks = self.strip[:, start : start + scene_disparity.shape[1]]
        return np.asarray(self.opacity * streaks * (scene_disparity <= self.disparity), np.float32)

    def before(self, view: int, scene_disparity: FloatMap, light: FloatMap) -> Cover:
        """Return what the left (0) or right (1) view sees, of a light `[3]` or `[H,W,3]`."""
        return Cover(self.seen_by(view, scene_disparity), light, self.screened)


def add_masked_rain(
    clean: ViewPair,
    disparity: FloatMap,
    geometry: StereoGeometry,
    weather: Weather,
    masks: list[ByteImage],
    generator: np.random.Generator,
) -> tuple[RainyView, RainyView]:
    """Let it rain on a clean pair: the weather's veil, a layer of streaks of each mask, noise.

    Each layer lies at a depth of its own, shifted between the views by that depth's disparity and
    hidden by what is nearer.

    Args:
        clean: uint8 RGB `[H,W,3]` twice.
        disparity: of the left view, float32 `[H,W]`, pixels.
        geometry: the cameras.
        weather: gives the veil, the light of the streaks and the noise.
        masks: of the layers, uint8 RGB `[h,w,3]` of any size, bright on black.
        generator: source of depths, sizes, tilts, opacities and noise.

    Returns:
        The rainy left and right view.
    """
    near = fill_disparity(disparity)
    layers = [draw_layer(mask, near.shape, geometry, generator) for mask in masks]
    layers.sort(key=lambda layer: layer.disparity)
    light = np.array(weather.streak_light, np.float32)
    left, right = (
        compose(
            clean[view],
            [haze_cover(seen, weather, geometry)],
            [layer.before(view, seen, light) for layer in layers],
            generator,
            noise_levels=weather.noise_levels,
        )
        for view, seen in enumerate((near, right_disparity(near)))
    )
    return left, right


def draw_layer(
    mask: ByteImage,
    shape: tuple[int, ...],
    geometry: StereoGeometry,
    generator: np.random.Generator,
) -> StreakLayer:
    """Hang a mask at a random depth: nearer streaks are larger and lie farther apart in the views.

    Args:
        mask: uint8 RGB `[h,w,3]`, bright on black.
        shape: `(H, W)` of a view.
        geometry: the cameras.
        generator: source of all randomness.
    """
    depth = np.exp(generator.uniform(np.log(NEAREST_M), np.log(FARTHEST_M)))
    disparity = int(geometry.disparity_at_one_metre / depth)
    scale = np.sqrt(NATURAL_DEPTH_M / depth) * generator.uniform(0.7, 1.4)
    size = (shape[1] + disparity, shape[0])
    strip = cv2.warpAffine(
        mask.max(axis=2),
        _into_mask(mask.shape[:2], size, float(scale), generator),
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_WRAP,
    )
    opacity, screened = float(generator.uniform(0.3, 1.0)), bool(generator.random() < 0.5)
    return StreakLayer(np.asarray(strip / 255, np.float32), disparity, opacity, screened)


def _into_mask(
    mask_shape: tuple[int, ...],
    size: tuple[int, int],
    scale: float,
    generator: np.random.Generator,
) -> FloatMap:
    """Return `[2,3]`: where in a tilted, perhaps mirrored mask each pixel of a strip comes from."""
    tilt = np.radians(generator.uniform(-LARGEST_TILT_DEGREES, LARGEST_TILT_DEGREES))
    mirrors = generator.choice([-1.0, 1.0], 2)
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    linear = turn * mirrors / scale
    target = generator.uniform(0, 1, 2) * mask_shape[::-1]
    offset = target - linear @ (np.array(size) / 2)
    return np.asarray(np.column_stack([linear, offset]), np.float32)
