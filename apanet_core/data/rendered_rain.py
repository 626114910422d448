"""Rain for a clean pair: new weather and new drops at every call, and sometimes none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apanet_core.data.augmentation import ViewPair
from apanet_core.imaging.types import FloatMap
from apanet_core.rain import SEVERITIES, StereoGeometry, add_rain, sample_weather


@dataclass(frozen=True)
class RenderedRain:
    """How it rains on clean pairs.

    Attributes:
        clear_share: share of draws on which no rain falls, so that a network learns to leave a
            dry picture alone.
    """

    clear_share: float = 0.1

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
        """
        if generator.random() < self.clear_share:
            return clean
        weather = sample_weather(generator.choice(list(SEVERITIES)), generator)
        return add_rain(*clean, weather, generator, disparity, geometry)
