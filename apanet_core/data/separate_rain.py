"""Rain of every kind, each by itself, so that none predicts another.

In plain rain dense streaks come with a dense veil, and a network takes one for the other. Here veil,
streaks of several kinds, flakes, spray, drops on the lens, and night are drawn independently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from apanet_core.data.drawn_masks import flakes, slanted_streaks, spray
from apanet_core.data.night import at_night
from apanet_core.data.streak_masks import StreakLayer, draw_layer
from apanet_core.imaging.disparity import fill_disparity, right_disparity
from apanet_core.imaging.types import ByteImage, FloatMap, ViewPair
from apanet_core.rain import SEVERITIES, StereoGeometry, Weather, sample_weather
from apanet_core.rain.composition import Cover, RainyView, compose
from apanet_core.rain.drops import rain_space
from apanet_core.rain.streaks import expose
from apanet_core.rain.synthesis import first_moment, haze_cover, streak_cover

VEIL_SHARE = 0.45
LENS_DROPS_SHARE = 0.3
NIGHT_SHARE = 0.06
SPRAY_SHARE = 0.1
FALLING = {"streaks": 0.4, "masks": 0.12, "slanted": 0.3, "flakes": 0.18}
"""Share of draws in which each of what falls is there."""


class _Kinds(NamedTuple):
    """What is drawn of one sample."""

    veil: bool
    spray: bool
    lens_drops: bool
    night: bool
    falling: tuple[str, ...]


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
    kinds = _draw_kinds(generator)
    weather = _draw_weather(kinds, generator)
    near = fill_disparity(disparity)
    seen = (near, right_disparity(near))
    light: list[FloatMap] = [np.ones((1, 1), np.float32)] * 2
    if kinds.night:
        clean, light = at_night(clean, generator)
    layers = [
        draw_layer(mask, near.shape, geometry, generator)
        for mask in _draw_masks(kinds, masks, generator)
    ]
    layers.sort(key=lambda layer: layer.disparity)
    clouds = [draw_layer(spray(generator), near.shape, geometry, generator)] * kinds.spray
    moment = first_moment(rain_space(weather, generator, *near.shape, geometry), generator)
    streaks = expose(moment.drops, moment.space)
    color = np.array(weather.streak_light, np.float32)

    def view(number: int) -> RainyView:
        lit = light[number][..., None] * color
        haze = [haze_cover(seen[number], weather, geometry)] if kinds.veil else []
        haze += _before(clouds, number, seen[number], lit)
        falling = _before(layers, number, seen[number], lit)
        if "streaks" in kinds.falling:
            name = ("left", "right")[number]
            cover = streak_cover(streaks, name, seen[number], weather)  # type: ignore[arg-type]
            falling.append(cover._replace(light=cover.light * light[number][..., None]))
        on_lens = moment.on_lenses[number] if kinds.lens_drops else None
        return compose(
            clean[number], haze, falling, generator, on_lens, _color(lit), weather.noise_levels
        )

    return (view(0), view(1)), clean


def _draw_kinds(generator: np.random.Generator) -> _Kinds:
    while True:
        veil, clouds, lens, night = generator.random(4) < (
            VEIL_SHARE,
            SPRAY_SHARE,
            LENS_DROPS_SHARE,
            NIGHT_SHARE,
        )
        falls = [kind for kind, share in FALLING.items() if generator.random() < share]
        if veil or clouds or lens or falls:
            return _Kinds(bool(veil), bool(clouds), bool(lens), bool(night), tuple(falls))


def _draw_weather(kinds: _Kinds, generator: np.random.Generator) -> Weather:
    """Draw veil, streaks and drops on the lens of severities of their own."""
    of_veil, of_streaks, of_lens = (
        sample_weather(generator.choice(list(SEVERITIES)), generator) for _ in range(3)
    )
    dim = generator.uniform(0.2, 0.5) if kinds.night else 1.0
    red, green, blue = (dim * np.array(of_veil.airlight)).tolist()
    lens_drops = generator.uniform(1.0, 10.0) if kinds.lens_drops else of_lens.lens_drops
    return replace(
        of_streaks,
        extinction_per_m=of_veil.extinction_per_m,
        airlight=(red, green, blue),
        lens_drops=lens_drops,
    )


def _draw_masks(
    kinds: _Kinds, recorded: Sequence[ByteImage], generator: np.random.Generator
) -> list[ByteImage]:
    masks: list[ByteImage] = []
    if "masks" in kinds.falling:
        masks += recorded
    if "slanted" in kinds.falling:
        masks.append(slanted_streaks(generator))
    if "flakes" in kinds.falling:
        masks.append(flakes(generator))
    return masks


def _before(layers: Sequence[StreakLayer], view: int, seen: FloatMap, lit: FloatMap) -> list[Cover]:
    return [layer.before(view, seen, lit) for layer in layers]


def _color(lit: FloatMap) -> tuple[float, float, float]:
    red, green, blue = lit.reshape(-1, 3).mean(axis=0).tolist()
    return red, green, blue
