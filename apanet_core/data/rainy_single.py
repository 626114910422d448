"""Single rainy pictures with their clean ones, seen by both cameras."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from apanet_core.data.matching_files import matching_pictures
from apanet_core.data.picture_sets import PictureSets
from apanet_core.data.plausible_scene import draw_seen_scene
from apanet_core.data.sample import Sample


class RainySingle(PictureSets):
    """A `Source` of single-image deraining sets.

    Half of the draws show both cameras the same picture, as a network for one camera is used;
    the other half gives it a plausible disparity, which the rainy and the clean picture share.

    Args:
        files: a rainy and its clean picture each, as `rainy_single_files` finds them.
        augment: draws what is changed of each scene.

    Raises:
        ImageError: a file is missing or no picture, or the sizes of one set differ; the message
            names the files.
    """

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} single rainy pictures with their clean ones"

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        """Draw a crop of a random picture and two views of it; see `Source.draw`."""
        pictures = self.read_any(generator, crop)
        scene = draw_seen_scene(pictures[0].shape[:2], crop, generator)
        rainy, clean = (scene.views_of(picture) for picture in pictures)
        return self._augment(generator).sample(rainy, clean, scene.left_disparity)


def rainy_single_files(folder: Path) -> list[tuple[Path, ...]]:
    """Match `folder/rain` and `folder/gt` by stem; errors as `matching_pictures`.

    Sets that name them otherwise (`norain-1.png` for `rain-1.png`) need links of these names.
    """
    return matching_pictures([folder / "rain", folder / "gt"])
