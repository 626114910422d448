"""Rain of every kind, each by itself, so that none predicts another.

In plain rain dense streaks come with a dense veil, and a network takes one for the other. Here
veil, streaks of several kinds, flakes, spray, drops on the lens, and night are drawn independently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from apanet_core.data.drawn_masks import flakes, slanted_streaks, spray
from apanet_core.data.night import at_night
from apanet_core.data.streak_masks import StreakLayer, draw_layer
from apanet_core.imaging.disparity import fill_disparity, right_disparity
from apanet_core.imaging.types import ByteImage, FloatMap, ViewPair
from apanet_core.rain import SEVERITIES, StereoGeometry, Weather, sample_weather
from apanet_core.rain.composition import Color, RainyView, compose
from apanet_core.rain.drops import rain_space
from apanet_core.rain.lens_drops import LensDrops
from apanet_core.rain.streaks import Streaks, View, expose
from apanet_core.rain.synthesis import first_moment, haze_cover, streak_cover

VEIL_SHARE = 0.45
LENS_DROPS_SHARE = 0.3
NIGHT_SHARE = 0.06
SPRAY_SHARE = 0.1
FALLING = {"streaks": 0.4, "masks": 0.12, "slanted": 0.3, "flakes": 0.18}
"""Share of draws in which each of what falls is there."""
LENS_DROPS = (1.0, 10.0)
"""Expected in a view of KITTI's size, where there are some."""
NIGHTLY_AIRLIGHT = (0.2, 0.5)
"""Of the veil at night, over that by day."""
VIEWS: tuple[View, View] = ("left", "right")
DAYLIGHT = np.ones((1, 1), np.float32)


@dataclass(frozen=True)
class Kinds:
    """What there is of one sample.

    Attributes:
        veil, spray: what lies over the scene.
        lens_drops: drops on the lens.
        night: dim, with lamps.
        falling: keys of `FALLING`.
    """

    veil: bool = False
    spray: bool = False
    lens_drops: bool = False
    night: bool = False
    falling: tuple[str, ...] = ()


def separate_rain(
    clean: ViewPair,
    disparity: FloatMap,
    geometry: StereoGeometry,
    masks: Sequence[ByteImage],
    generator: np.random.Generator,
) -> tuple[tuple[RainyView, RainyView], ViewPair]:
    """Let kinds of rain that are drawn independently fall on a clean pair.

    Args:
        clean: uint8 RGB `[H,W,3]` twice.
        disparity: of the left view, float32 `[H,W]`, pixels.
        geometry: the cameras.
        masks: recorded streak masks, uint8 RGB, bright on black; may be none.
        generator: source of all randomness.

    Returns:
        The rainy views, and the clean pair that belongs to them, which is dim at night.
    """
    kinds = draw_kinds(generator, bool(masks))
    return rain_of_kinds(kinds, clean, disparity, geometry, masks, generator)


def draw_kinds(generator: np.random.Generator, have_masks: bool = True) -> Kinds:
    """Draw each kind by its share, until one at least is there; night alone is no rain."""
    shares = (VEIL_SHARE, SPRAY_SHARE, LENS_DROPS_SHARE, NIGHT_SHARE)
    while True:
        veil, clouds, lens, night = (generator.random(4) < shares).tolist()
        drawn = [kind for kind, share in FALLING.items() if generator.random() < share]
        falling = tuple(kind for kind in drawn if have_masks or kind != "masks")
        if veil or clouds or lens or falling:
            return Kinds(veil, clouds, lens, night, falling)


def rain_of_kinds(
    kinds: Kinds,
    clean: ViewPair,
    disparity: FloatMap,
    geometry: StereoGeometry,
    masks: Sequence[ByteImage],
    generator: np.random.Generator,
) -> tuple[tuple[RainyView, RainyView], ViewPair]:
    """Let rain of these kinds fall on a clean pair; arguments as `separate_rain`."""
    weather = _draw_weather(kinds, generator)
    near = fill_disparity(disparity)
    light = (DAYLIGHT, DAYLIGHT)
    if kinds.night:
        clean, light = at_night(clean, generator)
    rain = _draw_rain(kinds, weather, near, geometry, masks, generator)
    left, right = (
        rain.before(number, clean[number], seen, light[number], generator)
        for number, seen in enumerate((near, right_disparity(near)))
    )
    return (left, right), clean


@dataclass(frozen=True)
class _Rain:
    """All that both views see of the rain.

    Attributes:
        weather: of veil, streaks and noise.
        geometry: the cameras.
        veil: whether there is one.
        clouds: of spray.
        layers: of masks, the farthest first.
        streaks: of drops in space; `None` for none.
        on_lenses: drops on the left and the right lens; `None` for none.
    """

    weather: Weather
    geometry: StereoGeometry
    veil: bool
    clouds: list[StreakLayer]
    layers: list[StreakLayer]
    streaks: Streaks | None
    on_lenses: tuple[LensDrops, LensDrops] | None

    def before(
        self,
        view: int,
        clean: ByteImage,
        seen: FloatMap,
        light: FloatMap,
        generator: np.random.Generator,
    ) -> RainyView:
        """Return what the left (0) or right (1) view shows.

        Args:
            view: 0 or 1.
            clean: uint8 RGB `[H,W,3]`.
            seen: its disparity, float32 `[H,W]`, pixels.
            light: how brightly what falls is lit, float32 `[H,W]` or `[1,1]`, 0 to 1.
            generator: source of the noise.
        """
        lit = light[..., None] * np.array(self.weather.streak_light, np.float32)
        haze = [haze_cover(seen, self.weather, self.geometry)] if self.veil else []
        haze += [cloud.before(view, seen, lit) for cloud in self.clouds]
        falling = [layer.before(view, seen, lit) for layer in self.layers]
        if self.streaks is not None:
            cover = streak_cover(self.streaks, VIEWS[view], seen, self.weather)
            falling.append(cover._replace(light=cover.light * light[..., None]))
        on_lens = None if self.on_lenses is None else self.on_lenses[view]
        noise = self.weather.noise_levels
        return compose(clean, haze, falling, generator, on_lens, _mean_color(lit), noise)


def _draw_weather(kinds: Kinds, generator: np.random.Generator) -> Weather:
    """Draw veil, streaks and drops on the lens of severities of their own."""
    of_veil, of_streaks, of_lens = (
        sample_weather(generator.choice(list(SEVERITIES)), generator) for _ in range(3)
    )
    dim = generator.uniform(*NIGHTLY_AIRLIGHT) if kinds.night else 1.0
    red, green, blue = (dim * np.array(of_veil.airlight)).tolist()
    lens_drops = generator.uniform(*LENS_DROPS) if kinds.lens_drops else of_lens.lens_drops
    return replace(
        of_streaks,
        extinction_per_m=of_veil.extinction_per_m,
        airlight=(red, green, blue),
        lens_drops=lens_drops,
    )


def _draw_rain(
    kinds: Kinds,
    weather: Weather,
    near: FloatMap,
    geometry: StereoGeometry,
    masks: Sequence[ByteImage],
    generator: np.random.Generator,
) -> _Rain:
    height, width = near.shape
    layers = [
        draw_layer(mask, near.shape, geometry, generator)
        for mask in _draw_masks(kinds, masks, generator)
    ]
    cloud = draw_layer(spray(generator), near.shape, geometry, generator)
    moment = first_moment(rain_space(weather, generator, height, width, geometry), generator)
    streaks = expose(moment.drops, moment.space)
    return _Rain(
        weather,
        geometry,
        kinds.veil,
        clouds=[cloud] if kinds.spray else [],
        layers=sorted(layers, key=lambda layer: layer.disparity),
        streaks=streaks if "streaks" in kinds.falling else None,
        on_lenses=moment.on_lenses if kinds.lens_drops else None,
    )


def _draw_masks(
    kinds: Kinds, recorded: Sequence[ByteImage], generator: np.random.Generator
) -> list[ByteImage]:
    masks = list(recorded) if "masks" in kinds.falling else []
    if "slanted" in kinds.falling:
        masks.append(slanted_streaks(generator))
    if "flakes" in kinds.falling:
        masks.append(flakes(generator))
    return masks


def _mean_color(light: FloatMap) -> Color:
    red, green, blue = light.reshape(-1, 3).mean(axis=0).tolist()
    return red, green, blue
