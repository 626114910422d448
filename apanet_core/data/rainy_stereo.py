"""Rainy stereo pairs with their clean ones, in the layout of RainKITTI2012 and RainKITTI2015."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from apanet_core.data.crop import draw_window
from apanet_core.data.matching_files import matching_pictures
from apanet_core.data.picture_sets import PictureSets
from apanet_core.data.rainy_scene import RainyScene, given
from apanet_core.data.sample import Sample
from apanet_core.errors import ImageError

FOLDERS = ("rain_left", "rain_right", "gt_left", "gt_right")


class RainyStereo(PictureSets):
    """A `Source` of rainy pairs whose clean pairs are known.

    Args:
        files: rainy left, rainy right, clean left and clean right view of each, as
            `rainy_stereo_files` finds them.
        augment: draws what is changed of each scene.

    Raises:
        ImageError: a file is missing or no picture, or the sizes of one set differ; the message
            names the files.
    """

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} rainy pairs with their clean ones"

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        """Draw a crop of a random pair, at one place in all four views; see `Source.draw`."""
        views = self.read_any(generator, crop)
        window = draw_window(views[0].shape[:2], crop, generator)
        rainy_left, rainy_right, clean_left, clean_right = (view[window] for view in views)
        left, right = given(rainy_left, clean_left), given(rainy_right, clean_right)
        return self._augment(generator).sample(RainyScene(left, right, disparity=None))


def rainy_stereo_files(folder: Path) -> list[tuple[Path, ...]]:
    """Match `rain_left`, `rain_right`, `gt_left` and `gt_right` by stem.

    Args:
        folder: with those four, or with them in `training/`; `testing/` is for testing and used
            only where it is the folder given.

    Raises:
        ImageError: the folder is missing or has none of the four, or as `matching_pictures`.
    """
    if not folder.is_dir():
        raise ImageError(f"No folder {folder}: check the path.")
    for inside in (folder, folder / "training"):
        views = [inside / name for name in FOLDERS]
        if any(view.is_dir() for view in views):
            return matching_pictures(views)
    raise ImageError(
        f"{folder} holds no {', '.join(FOLDERS)}, nor does its training/: check the path."
    )
