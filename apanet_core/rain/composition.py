"""What light meets on its way into a camera: haze, what falls, drops on the lens, noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np

from apanet_core.imaging.types import AnyPicture, FloatMap, Picture
from apanet_core.imaging.white_level import full_scale
from apanet_core.rain.lens_drops import LensDrops, draw_lens_drops, lens_cover
from apanet_core.rain.sensor_noise import add_sensor_noise

Color = tuple[float, float, float]
"""RGB in [0, 1]."""


class Cover(NamedTuple):
    """Something translucent before a view.

    Attributes:
        opacity: float32 `[H,W]`, 0 to 1: the share of the light behind it that it hides.
        light: its own, float32 `[3]` or `[H,W,3]`, RGB in [0, 1].
        screened: whether its light is added as on a screen (`1 - (1 - a)(1 - b)`), which spares
            bright places, instead of hiding what is behind.
    """

    opacity: FloatMap
    light: FloatMap
    screened: bool = False

    def before(self, view: FloatMap) -> FloatMap:
        """Return a view, float32 `[H,W,3]`, seen through it."""
        added = self.light * (1 - view) if self.screened else self.light - view
        return np.asarray(view + self.opacity[..., None] * added, np.float32)


class RainyView(NamedTuple):
    """One view in the rain, and what a network should tell apart in it.

    Attributes:
        rainy: RGB `[H,W,3]` of the clean view's type, as the camera records it.
        hazy: the same without what falls, drops on the lens and noise: scene and haze alone.
        on_lens: float32 `[H,W]`, 0 to 1: how much drops on the lens hide.
    """

    rainy: Picture
    hazy: Picture
    on_lens: FloatMap


def compose(
    clean: Picture,
    haze: Sequence[Cover],
    falling: Sequence[Cover],
    generator: np.random.Generator,
    on_lens: LensDrops | None = None,
    sky: Color = (1.0, 1.0, 1.0),
    noise_levels: float = 0.0,
) -> RainyView:
    """Show a clean view through all that is before it.

    Args:
        clean: uint8 or uint16 RGB `[H,W,3]` of full range.
        haze: what lies over the scene, the farthest first.
        falling: what falls, the farthest first.
        generator: source of the noise.
        on_lens: drops on the lens.
        sky: colour of the light that these gather from above.
        noise_levels: of `add_sensor_noise`.
    """
    light = clean * np.float32(1 / full_scale(clean))
    for cover in haze:
        light = cover.before(light)
    hazy = light
    for cover in falling:
        light = cover.before(light)
    on_glass = np.zeros(clean.shape[:2], np.float32)
    if on_lens is not None and len(on_lens):
        light = draw_lens_drops(light, on_lens, sky)
        on_glass = lens_cover(clean.shape[:2], on_lens)
    light = add_sensor_noise(light, noise_levels, generator)
    return RainyView(as_picture(light, clean), as_picture(hazy, clean), on_glass)


def as_picture(view: FloatMap, like: AnyPicture) -> AnyPicture:
    """Return float32 RGB `[H,W,3]`, cut off outside of [0, 1], as a picture of another's type."""
    levels = np.rint(view.clip(0, 1) * full_scale(like))
    return cast("AnyPicture", levels.astype(like.dtype))
