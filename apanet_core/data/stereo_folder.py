"""A folder of rectified pairs: `left/` and `right/`, paired by sorted stem."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.imaging.files import pictures_in, read_rgb


class PairFiles(NamedTuple):
    """The two files of one pair, which share a stem."""

    left: Path
    right: Path

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return both views as uint8 RGB `[H,W,3]` of one size.

        Raises:
            ImageError: a view cannot be read, or their sizes differ; the message names the files.
        """
        left, right = read_rgb(self.left), read_rgb(self.right)
        if left.shape != right.shape:
            raise ImageError(
                f"{self.left} is {left.shape[1]}x{left.shape[0]}, {self.right} is "
                f"{right.shape[1]}x{right.shape[0]}: the views of a pair need one size."
            )
        return left, right


def pair_folders(left: str | Path, right: str | Path) -> list[PairFiles]:
    """Pair the pictures of two folders by stem, sorted.

    Raises:
        ImageError: a folder is missing or empty, or pictures have no partner (listed by name).
    """
    views = [_by_stem(Path(folder)) for folder in (left, right)]
    unpaired = sorted(
        str(picture)
        for mine, theirs in (views, views[::-1])
        for stem, picture in mine.items()
        if stem not in theirs
    )
    if unpaired:
        raise ImageError(f"Pictures without a partner of the same stem: {', '.join(unpaired)}.")
    return [PairFiles(views[0][stem], views[1][stem]) for stem in sorted(views[0])]


def stereo_folder(folder: str | Path) -> list[PairFiles]:
    """Pair the pictures of `folder/left` and `folder/right`; errors as `pair_folders`."""
    return pair_folders(Path(folder) / "left", Path(folder) / "right")


def _by_stem(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for picture in pictures_in(folder):
        if picture.stem in found:
            raise ImageError(f"{found[picture.stem]} and {picture} share a stem: keep one.")
        found[picture.stem] = picture
    return found
