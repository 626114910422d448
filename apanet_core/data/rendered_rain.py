"""Rain for a clean pair: new weather and new drops at every call, and sometimes none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apanet_core.data.augmentation import ViewPair
from apanet_core.data.streak_masks import MOST_LAYERS, add_masked_rain
from apanet_core.imaging.files import read_rgb
from apanet_core.imaging.types import FloatMap
from apanet_core.rain import SEVERITIES, StereoGeometry, add_rain, sample_weather


@dataclass(frozen=True)
class RenderedRain:
    """How it rains on clean pairs.

    Attributes:
        clear_share: share of draws on which no rain falls, so that a network learns to leave a
            dry picture alone.
        masks: files of streak masks, bright on black; read when used.
        mask_share: share of the rainy draws whose streaks come from masks, if there are any.
    """

    clear_share: float = 0.1
    masks: tuple[Path, ...] = ()
    mask_share: float = 0.25

    @property
    def description(self) -> str:
        """What falls, for a log."""
        masked = f", {self.mask_share:.0%} of it from {len(self.masks)} masks" if self.masks else ""
        return f"rain rendered{masked}"

    def fall_on(
        self,
        clean: ViewPair,
        disparity: FloatMap,
        geometry: StereoGeometry,
        generator: np.random.Generator,
    ) -> ViewPair:
        """Return the rainy views of a clean pair, or the pair itself where it stays dry.

        Args:
            clean: uint8 RGB `[H,W,3]` twice.
            disparity: of the left view, float32 `[H,W]`, pixels.
            geometry: the cameras.
            generator: source of all randomness.

        Raises:
            ImageError: a mask cannot be read; the message names it.
        """
        if generator.random() < self.clear_share:
            return clean
        weather = sample_weather(generator.choice(list(SEVERITIES)), generator)
        if self.masks and generator.random() < self.mask_share:
            chosen = generator.integers(
                len(self.masks), size=generator.integers(1, MOST_LAYERS + 1)
            )
            masks = [read_rgb(self.masks[number]) for number in chosen]
            return add_masked_rain(clean, disparity, geometry, weather, masks, generator)
        return add_rain(*clean, weather, generator, disparity, geometry)
