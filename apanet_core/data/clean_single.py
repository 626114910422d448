"""Clean single pictures made stereo by a plausible disparity, with rain rendered on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from apanet_core.data.augmentation import augmented
from apanet_core.data.crop import check_crop
from apanet_core.data.picture_size import picture_size
from apanet_core.data.plausible_scene import draw_plausible_scene
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.sample import Sample
from apanet_core.imaging.files import pictures_in, read_rgb


class CleanSingle:
    """A `Source` of single pictures, for training on more places than stereo cameras saw.

    Pictures are read at each draw, and each draw guesses their depth anew.

    Args:
        folder: of clean pictures.
        rain: how it rains on them.

    Raises:
        ImageError: the folder is missing or empty, or a file is no picture.
    """

    def __init__(self, folder: Path, rain: RenderedRain) -> None:
        self._folder = folder
        self._rain = rain
        self._files = pictures_in(folder)
        self._sizes = [picture_size(path) for path in self._files]

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} clean single pictures in {self._folder}, rain rendered"

    def __len__(self) -> int:
        return len(self._files)

    def check_crop(self, crop: tuple[int, int]) -> None:
        """Make sure that every picture holds a crop; see `Source.check_crop`."""
        check_crop(crop, zip(self._files, self._sizes, strict=True))

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        """Draw a crop of a random picture, two views of it, and new rain; see `Source.draw`."""
        path = self._files[int(generator.integers(len(self)))]
        picture = read_rgb(path)
        height, width = picture.shape[:2]
        check_crop(crop, [(path, (height, width))])
        scene = draw_plausible_scene((height, width), crop, generator)
        clean = scene.views_of(picture)
        rainy = self._rain.fall_on(clean, scene.left_disparity, scene.geometry, generator)
        return Sample(*augmented([rainy, clean], generator))
