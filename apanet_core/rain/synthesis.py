"""From a clean rectified pair to a rainy one: veil, streaks, drops on the lens, sensor noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.disparity import estimate_disparity, fill_disparity, right_disparity
from apanet_core.imaging.types import AnyPicture, FloatMap, Picture
from apanet_core.rain.composition import Cover, RainyView, compose
from apanet_core.rain.drops import Drops, RainSpace, rain_space, sample_drops
from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.lens_drops import LensDrops, sample_lens_drops
from apanet_core.rain.streaks import Streaks, View, draw_streaks, expose
from apanet_core.rain.weather import Weather

HORIZON_M = 80.0
"""Depth at which the veil stops thickening; sky and unmatched distance count as this far."""
FLATTEST_PX = 13
"""Height of the least object that stands before the veil."""


def add_rain(
    left: AnyPicture,
    right: AnyPicture,
    weather: Weather,
    generator: np.random.Generator,
    disparity: FloatMap | None = None,
    geometry: StereoGeometry | None = None,
) -> tuple[AnyPicture, AnyPicture]:
    """Let it rain on a clean pair. Each call draws new drops of the same weather.

    A drop at depth `z` appears in both views at its own disparity, is hidden by what stands
    before it, and the veil thickens with the scene's depth, so the two rainy views agree. Drops on
    the lenses and sensor noise are each view's own. The exposure stays that of the clean pair.

    Args:
        left, right: uint8 or uint16 RGB `[H,W,3]` of full range, rectified, clean.
        weather: from `sample_weather`.
        generator: source of the drops.
        disparity: of the left view, float32 `[H,W]`, pixels; not finite or not positive where
            unknown. `None` has it estimated from the pair.
        geometry: the cameras; KITTI's by default.

    Returns:
        The rainy left and right view, RGB `[H,W,3]` of the same type.

    Raises:
        ImageError: the views are no uint8 or uint16 `[H,W,3]` of one size and type, or the
            disparity's size differs.
    """
    rainy_left, rainy_right = rain_views(left, right, weather, generator, disparity, geometry)
    return cast("AnyPicture", rainy_left.rainy), cast("AnyPicture", rainy_right.rainy)


def rain_views(
    left: Picture,
    right: Picture,
    weather: Weather,
    generator: np.random.Generator,
    disparity: FloatMap | None = None,
    geometry: StereoGeometry | None = None,
) -> tuple[RainyView, RainyView]:
    """As `add_rain`, with what falls and what lies over the scene told apart."""
    check_views(left, right, disparity)
    geometry = geometry if geometry is not None else StereoGeometry()
    height, width = left.shape[:2]
    moment = first_moment(rain_space(weather, generator, height, width, geometry), generator)
    return render(left, right, disparity, moment, generator)


@dataclass(frozen=True)
class Moment:
    """All drops at one moment: those that fall, and those on the left and the right lens."""

    space: RainSpace
    drops: Drops
    on_lenses: tuple[LensDrops, LensDrops]


def first_moment(space: RainSpace, generator: np.random.Generator) -> Moment:
    """Scatter drops in space and, independently, on either lens."""
    drops = sample_drops(space, generator)
    left, right = (sample_lens_drops(space, generator) for _ in range(2))
    return Moment(space, drops, (left, right))


def render(
    left: AnyPicture,
    right: AnyPicture,
    disparity: FloatMap | None,
    moment: Moment,
    generator: np.random.Generator,
) -> tuple[RainyView, RainyView]:
    """Show one moment of rain on a clean pair; arguments as `add_rain`."""
    near = estimate_disparity(left, right) if disparity is None else fill_disparity(disparity)
    streaks = expose(moment.drops, moment.space)
    weather, geometry = moment.space.weather, moment.space.geometry
    views: tuple[tuple[View, Picture, FloatMap, LensDrops], ...] = (
        ("left", left, near, moment.on_lenses[0]),
        ("right", right, right_disparity(near), moment.on_lenses[1]),
    )
    rainy_left, rainy_right = (
        compose(
            clean,
            [haze_cover(seen, weather, geometry)],
            [streak_cover(streaks, view, seen, weather)],
            generator,
            on_lens,
            weather.streak_light,
            weather.noise_levels,
        )
        for view, clean, seen, on_lens in views
    )
    return rainy_left, rainy_right


def transmission(disparity: FloatMap, weather: Weather, geometry: StereoGeometry) -> FloatMap:
    """Return the share of the scene's light that passes the veil, float32 `[H,W]` in (0, 1]."""
    farthest = geometry.disparity_at_one_metre / HORIZON_M
    depth = geometry.disparity_at_one_metre / np.maximum(disparity, farthest)
    return np.exp(-weather.extinction_per_m * depth).astype(np.float32)


def haze_cover(disparity: FloatMap, weather: Weather, geometry: StereoGeometry) -> Cover:
    """Return the veil of the weather before a view of this disparity, float32 `[H,W]`, pixels."""
    # Flat mismatches in the sky, which stereo matching leaves, would be holes in the veil.
    calm = cv2.morphologyEx(disparity, cv2.MORPH_OPEN, np.ones((FLATTEST_PX, 1), np.uint8))
    passed = transmission(np.asarray(calm), weather, geometry)
    return Cover(1 - passed, np.array(weather.airlight, np.float32))


def streak_cover(streaks: Streaks, view: View, disparity: FloatMap, weather: Weather) -> Cover:
    """Return the streaks that one view, of this disparity, records."""
    opacity, brightness = draw_streaks(streaks, view, disparity, disparity.shape)
    streak_light = np.array(weather.streak_light, np.float32)
    return Cover(opacity, np.minimum(brightness[..., None] * streak_light, 1))


def check_views(left: Picture, right: Picture, disparity: FloatMap | None) -> None:
    """Raise the `ImageError` of `add_rain` where the views cannot be rained on."""
    if left.shape != right.shape or left.ndim != 3 or left.shape[2] != 3:
        raise ImageError(
            f"Rain needs two RGB [H,W,3] views of one size, got {left.shape} and {right.shape}."
        )
    if left.dtype != right.dtype or left.dtype not in (np.uint8, np.uint16):
        raise ImageError(
            f"Rain needs uint8 views, got {left.dtype} and {right.dtype}; two of uint16 are taken "
            "as well."
        )
    if disparity is not None and disparity.shape != left.shape[:2]:
        raise ImageError(f"The disparity is {disparity.shape}, the views are {left.shape[:2]}.")
