"""Single rainy pictures with their clean ones, seen by both cameras."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from apanet_core.data.augmentation import augmented
from apanet_core.data.crop import check_crop
from apanet_core.data.matching_files import matching_pictures, read_matching
from apanet_core.data.picture_size import picture_size
from apanet_core.data.plausible_scene import draw_seen_scene
from apanet_core.data.sample import Sample


class RainySingle:
    """A `Source` of single-image deraining sets: `folder/rain` and `folder/gt`, paired by stem.

    Half of the draws show both cameras the same picture, as a network for one camera is used;
    the other half gives it a plausible disparity, which the rainy and the clean picture share.
    Pictures are read at each draw.

    Args:
        folder: with `rain/` and `gt/`. Sets that name their files or folders otherwise
            (`norain-1.png`) need links of these names.

    Raises:
        ImageError: a folder is missing or empty, or files are unpaired or no pictures; the
            message names them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = matching_pictures([folder / "rain", folder / "gt"])
        self._sizes = [picture_size(files[0]) for files in self._files]

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} single rainy pictures with their clean ones in {self._folder}"

    def __len__(self) -> int:
        return len(self._files)

    def check_crop(self, crop: tuple[int, int]) -> None:
        """Make sure that every picture holds a crop; see `Source.check_crop`."""
        rainy = [files[0] for files in self._files]
        check_crop(crop, zip(rainy, self._sizes, strict=True))

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        """Draw a crop of a random picture and two views of it; see `Source.draw`."""
        files = self._files[int(generator.integers(len(self)))]
        rainy, clean = read_matching(files)
        height, width = rainy.shape[:2]
        check_crop(crop, [(files[0], (height, width))])
        scene = draw_seen_scene((height, width), crop, generator)
        pairs = [scene.views_of(picture) for picture in (rainy, clean)]
        return Sample(*augmented(pairs, generator))
