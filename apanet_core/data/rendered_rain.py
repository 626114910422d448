"""Rain for a clean pair: new weather and new drops at every call, and sometimes none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apanet_core.data.augmentation import ViewPair
from apanet_core.data.streak_masks import MOST_LAYERS, add_masked_rain
from apanet_core.imaging.files import read_rgb
from apanet_core.imaging.types import FloatMap
from apanet_core.rain import SEVERITIES, StereoGeometry, add_rain, sample_weather, wet_ground

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
    """

    clear_share: float = 0.1
    masks: tuple[Path, ...] = ()
    mask_share: float = 0.25
    wet_share: float = 0.0

    @property
    def description(self) -> str:
        """What falls, for a log."""
        masked = f", {self.mask_share:.0%} of it from {len(self.masks)} masks" if self.masks else ""
        wet = f", {self.wet_share:.0%} of it on wet ground" if self.wet_share else ""
        return f"rain rendered{masked}{wet}"

    def fall_on(
        self,
        clean: ViewPair,
        disparity: FloatMap,
        geometry: StereoGeometry,
        generator: np.random.Generator,
    ) -> tuple[ViewPair, ViewPair]:
        """Return a rainy pair and the clean one that belongs to it.

        That is the pair given, but for its ground, which may be wet in both: no network should
        learn to dry roads. Where no rain falls, both are the pair given.

        Args:
            clean: uint8 RGB `[H,W,3]` twice.
            disparity: of the left view, float32 `[H,W]`, pixels.
            geometry: the cameras.
            generator: source of all randomness.

        Raises:
            ImageError: a mask cannot be read; the message names it.
        """
        if generator.random() < self.clear_share:
            return clean, clean
        if generator.random() < self.wet_share:
            wetness = generator.uniform(LEAST_WETNESS, 1.0)
            clean = wet_ground(*clean, disparity, wetness, geometry)
        return self._rainy(clean, disparity, geometry, generator), clean

    def _rainy(
        self,
        clean: ViewPair,
        disparity: FloatMap,
        geometry: StereoGeometry,
        generator: np.random.Generator,
    ) -> ViewPair:
        weather = sample_weather(generator.choice(list(SEVERITIES)), generator)
        if not self.masks or generator.random() >= self.mask_share:
            return add_rain(*clean, weather, generator, disparity, geometry)
        chosen = generator.integers(len(self.masks), size=generator.integers(1, MOST_LAYERS + 1))
        masks = [read_rgb(self.masks[number]) for number in chosen]
        return add_masked_rain(clean, disparity, geometry, weather, masks, generator)
