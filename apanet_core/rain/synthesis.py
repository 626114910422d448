"""From a clean rectified pair to a rainy one: the veil over the scene, then the streaks."""

from __future__ import annotations

from typing import Literal

import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.disparity import estimate_disparity, fill_disparity, right_disparity
from apanet_core.imaging.types import ByteImage, FloatMap
from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.streaks import Streaks, draw_streaks, sample_streaks
from apanet_core.rain.weather import Weather

HORIZON_M = 80.0
"""Depth at which the veil stops thickening; sky and unmatched distance count as this far."""


def add_rain(
    left: ByteImage,
    right: ByteImage,
    weather: Weather,
    generator: np.random.Generator,
    disparity: FloatMap | None = None,
    geometry: StereoGeometry | None = None,
) -> tuple[ByteImage, ByteImage]:
    """Let it rain on a clean pair. Each call draws new drops of the same weather.

    A drop at depth `z` appears in both views at its own disparity, is hidden by what stands
    before it, and the veil thickens with the scene's depth, so the two rainy views agree.

    Args:
        left, right: uint8 RGB `[H,W,3]`, rectified, clean.
        weather: from `sample_weather`.
        generator: source of the drops.
        disparity: of the left view, float32 `[H,W]`, pixels; not finite or not positive where
            unknown. `None` has it estimated from the pair.
        geometry: the cameras; KITTI's by default.

    Returns:
        The rainy left and right view, uint8 RGB `[H,W,3]`.

    Raises:
        ImageError: the views are no uint8 `[H,W,3]` of one size, or the disparity's size differs.
    """
    _check(left, right, disparity)
    geometry = geometry if geometry is not None else StereoGeometry()
    near = estimate_disparity(left, right) if disparity is None else fill_disparity(disparity)
    height, width = near.shape
    streaks = sample_streaks(weather, generator, height, width, geometry)
    return (
        _rainy_view(left, near, "left", streaks, weather, geometry),
        _rainy_view(right, right_disparity(near), "right", streaks, weather, geometry),
    )


def transmission(disparity: FloatMap, weather: Weather, geometry: StereoGeometry) -> FloatMap:
    """Return the share of the scene's light that passes the veil, float32 `[H,W]` in (0, 1]."""
    farthest = geometry.disparity_at_one_metre / HORIZON_M
    depth = geometry.disparity_at_one_metre / np.maximum(disparity, farthest)
    return np.exp(-weather.extinction_per_m * depth).astype(np.float32)


def _rainy_view(
    clean: ByteImage,
    disparity: FloatMap,
    view: Literal["left", "right"],
    streaks: Streaks,
    weather: Weather,
    geometry: StereoGeometry,
) -> ByteImage:
    passed = transmission(disparity, weather, geometry)[..., None]
    airlight, streak_light = (
        np.array(color, np.float32) for color in (weather.airlight, weather.streak_light)
    )
    veiled = clean.astype(np.float32) / 255 * passed + airlight * (1 - passed)
    opacity, brightness = draw_streaks(streaks, view, disparity, disparity.shape)
    light = np.minimum(brightness[..., None] * streak_light, 1)
    rainy = veiled + opacity[..., None] * (light - veiled)
    return np.asarray(np.rint(rainy.clip(0, 1) * 255), np.uint8)


def _check(left: ByteImage, right: ByteImage, disparity: FloatMap | None) -> None:
    if left.shape != right.shape or left.ndim != 3 or left.shape[2] != 3:
        raise ImageError(
            f"Rain needs two RGB [H,W,3] views of one size, got {left.shape} and {right.shape}."
        )
    if left.dtype != np.uint8 or right.dtype != np.uint8:
        raise ImageError(f"Rain needs uint8 views, got {left.dtype} and {right.dtype}.")
    if disparity is not None and disparity.shape != left.shape[:2]:
        raise ImageError(f"The disparity is {disparity.shape}, the views are {left.shape[:2]}.")
