"""Pictures that belong together, read from disk when they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from apanet_core.data.augmentation import Augment, draw_augmentation
from apanet_core.data.crop import check_crop
from apanet_core.data.matching_files import matching_size, read_matching
from apanet_core.imaging.types import ByteImage


class PictureSets:
    """What sources that read at each draw have in common: thousands of pictures cost no memory.

    Args:
        files: of each set, such as the views of a pair. The sizes of all are read now, for a
            training may come to the wrong one after hours.
        augment: draws what is changed of each scene.

    Raises:
        ImageError: a file is missing or no picture, or the sizes of a set differ; the message
            names the files.
    """

    def __init__(
        self, files: Sequence[Sequence[Path]], augment: Augment = draw_augmentation
    ) -> None:
        self._files = files
        self._augment = augment
        self._sizes = [(paths[0], matching_size(paths)) for paths in files]

    def __len__(self) -> int:
        return len(self._files)

    def check_crop(self, crop: tuple[int, int]) -> None:
        """Make sure that every picture holds a crop; see `Source.check_crop`."""
        check_crop(crop, self._sizes)

    def read_any(self, generator: np.random.Generator, crop: tuple[int, int]) -> list[ByteImage]:
        """Read a random set, uint8 RGB `[H,W,3]` each, at least as large as the crop.

        Raises:
            ImageError: a picture cannot be read, is smaller than the crop, or the set's sizes
                differ; the message names the files.
        """
        paths = self._files[int(generator.integers(len(self)))]
        pictures = read_matching(paths)
        height, width = pictures[0].shape[:2]
        check_crop(crop, [(paths[0], (height, width))])
        return pictures
