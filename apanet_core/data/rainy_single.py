"""Single rainy pictures with their clean ones, seen by both cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from apanet_core.data.augmentation import Augment, draw_augmentation
from apanet_core.data.matching_files import matching_pictures
from apanet_core.data.picture_sets import PictureSets
from apanet_core.data.plausible_scene import draw_seen_scene
from apanet_core.data.rainy_scene import RainyScene, given
from apanet_core.data.sample import Sample


class RainySingle(PictureSets):
    """A `Source` of single-image deraining sets.

    Half of the draws show both cameras the same picture, as a network for one camera is used;
    the other half gives it a plausible disparity, which the rainy and the clean picture share.

    Args:
        files: a rainy and its clean picture each, as `rainy_single_files` finds them.
        augment: draws what is changed of each scene.
        veil_free: whether streaks fall there without a veil, so that the haze, none, is known.

    Raises:
        ImageError: a file is missing or no picture, or the sizes of one set differ; the message
            names the files.
    """

    def __init__(
        self,
        files: Sequence[Sequence[Path]],
        augment: Augment = draw_augmentation,
        veil_free: bool = False,
    ) -> None:
        super().__init__(files, augment)
        self._veil_free = veil_free

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} single rainy pictures with their clean ones"

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        """Draw a crop of a random picture and two views of it; see `Source.draw`."""
        pictures = self.read_any(generator, crop)
        scene = draw_seen_scene(pictures[0].shape[:2], crop, generator)
        rainy, clean = (scene.views_of(picture) for picture in pictures)
        left, right = (
            given(*views, hazy=views[1] if self._veil_free else None)
            for views in zip(rainy, clean, strict=True)
        )
        return self._augment(generator).sample(RainyScene(left, right, scene.left_disparity))


def rainy_single_files(folder: Path) -> list[tuple[Path, ...]]:
    """Match `folder/rain` and `folder/gt` by stem; errors as `matching_pictures`.

    Sets that name them otherwise (`norain-1.png` for `rain-1.png`) need links of these names.
    """
    return matching_pictures([folder / "rain", folder / "gt"])
