"""Clean single pictures made stereo by a plausible disparity, with rain rendered on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from apanet_core.data.augmentation import Augment, draw_augmentation
from apanet_core.data.picture_sets import PictureSets
from apanet_core.data.plausible_scene import draw_plausible_scene
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.sample import Sample


class CleanSingle(PictureSets):
    """A `Source` of single pictures, for training on more places than stereo cameras saw.

    Each draw guesses the depth anew.

    Args:
        files: clean pictures.
        rain: how it rains on them.
        augment: draws what is changed of each scene.

    Raises:
        ImageError: a file is missing or no picture; the message names it.
    """

    def __init__(
        self,
        files: Sequence[Path],
        rain: RenderedRain,
        augment: Augment = draw_augmentation,
    ) -> None:
        super().__init__([(path,) for path in files], augment)
        self._rain = rain

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} clean single pictures, {self._rain.description}"

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        """Draw a crop of a random picture, two views of it, and new rain; see `Source.draw`."""
        [picture] = self.read_any(generator, crop)
        scene = draw_plausible_scene(picture.shape[:2], crop, generator)
        clean = scene.views_of(picture)
        rainy = self._rain.fall_on(clean, scene.left_disparity, scene.geometry, generator)
        return self._augment(generator).sample(rainy)
