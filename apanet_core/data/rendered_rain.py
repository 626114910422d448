"""Rain for a clean pair: new weather and new drops at every call, and sometimes none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apanet_core.data.other_view import spoil_one
from apanet_core.data.rainy_scene import RainyScene, dry, rendered
from apanet_core.data.separate_rain import separate_rain
from apanet_core.data.streak_masks import MOST_LAYERS, add_masked_rain
from apanet_core.data.thin_structures import add_thin_structures
from apanet_core.imaging.files import read_rgb
from apanet_core.imaging.types import ByteImage, FloatMap, ViewPair
from apanet_core.rain import SEVERITIES, StereoGeometry, sample_weather, wet_ground
from apanet_core.rain.composition import RainyView
from apanet_core.rain.synthesis import rain_views

LEAST_WETNESS = 0.2
"""Of ground that is wet at all; 1 is soaked."""


@dataclass(frozen=True)
class RenderedRain:
    """How it rains on clean pairs.

    Attributes:
        clear_share: share of draws on which no rain falls, so that a network learns to leave a
            dry picture alone.
        masks: files of streak masks, bright on black; read when used.
        mask_share: share of the rainy draws whose streaks come from masks, if there are any.
        wet_share: share of the rainy draws in which the ground is wet.
        separate_share: share of the rainy draws in which veil, streaks of several kinds, flakes,
            spray, drops on the lens and night are drawn independently; see `separate_rain`.
        thin_share: share of all draws with posts, wires or railings in the clean pair.
        spoilt_share: share of all draws in which one view is no help; see `other_view`.
    """

    clear_share: float = 0.1
    masks: tuple[Path, ...] = ()
    mask_share: float = 0.25
    wet_share: float = 0.0
    separate_share: float = 0.0
    thin_share: float = 0.0
    spoilt_share: float = 0.0

    @property
    def description(self) -> str:
        """What falls, for a log."""
        masked = f", {self.mask_share:.0%} of it from {len(self.masks)} masks" if self.masks else ""
        wet = f", {self.wet_share:.0%} of it on wet ground" if self.wet_share else ""
        apart = f", {self.separate_share:.0%} of it kind by kind" if self.separate_share else ""
        return f"rain rendered{masked}{wet}{apart}"

    def fall_on(
        self,
        clean: ViewPair,
        disparity: FloatMap,
        geometry: StereoGeometry,
        generator: np.random.Generator,
    ) -> RainyScene:
        """Let it rain on a clean pair.

        The scene's clean pair is the one given, but for its ground, which may be wet in both: no
        network should learn to dry roads; for posts and wires; and for night. In
        `spoilt_share` of the draws one view is no help for the other.

        Args:
            clean: uint8 RGB `[H,W,3]` twice.
            disparity: of the left view, float32 `[H,W]`, pixels.
            geometry: the cameras.
            generator: source of all randomness.

        Raises:
            ImageError: a mask cannot be read; the message names it.
        """
        if generator.random() < self.thin_share:
            clean, disparity = add_thin_structures(clean, disparity, generator)
        scene = self._scene(clean, disparity, geometry, generator)
        return spoil_one(scene, generator) if generator.random() < self.spoilt_share else scene

    def _scene(
        self,
        clean: ViewPair,
        disparity: FloatMap,
        geometry: StereoGeometry,
        generator: np.random.Generator,
    ) -> RainyScene:
        if generator.random() < self.clear_share:
            return RainyScene(dry(clean[0]), dry(clean[1]), disparity)
        if generator.random() < self.wet_share:
            wetness = generator.uniform(LEAST_WETNESS, 1.0)
            clean = wet_ground(*clean, disparity, wetness, geometry)
        if generator.random() < self.separate_share:
            masks = self._draw_masks(generator)
            views, clean = separate_rain(clean, disparity, geometry, masks, generator)
        else:
            views = self._plain(clean, disparity, geometry, generator)
        left, right = (rendered(*each) for each in zip(views, clean, strict=True))
        return RainyScene(left, right, disparity)

    def _plain(
        self,
        clean: ViewPair,
        disparity: FloatMap,
        geometry: StereoGeometry,
        generator: np.random.Generator,
    ) -> tuple[RainyView, RainyView]:
        """Let rain fall all of whose parts are of one severity."""
        weather = sample_weather(generator.choice(list(SEVERITIES)), generator)
        if not self.masks or generator.random() >= self.mask_share:
            return rain_views(*clean, weather, generator, disparity, geometry)
        masks = self._draw_masks(generator)
        return add_masked_rain(clean, disparity, geometry, weather, masks, generator)

    def _draw_masks(self, generator: np.random.Generator) -> list[ByteImage]:
        if not self.masks:
            return []
        chosen = generator.integers(len(self.masks), size=generator.integers(1, MOST_LAYERS + 1))
        return [read_rgb(self.masks[number]) for number in chosen]
