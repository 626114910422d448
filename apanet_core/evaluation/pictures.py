"""Pictures to judge by eye: rainy, derained and clean side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from apanet_core.evaluation.method import Method
from apanet_core.evaluation.show import WEATHER, Show
from apanet_core.imaging.files import write_rgb
from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import eight_bits

GAP_PX = 6


class PictureFolder:
    """Write every k-th result as `NAME_WEATHER.jpg`; call it wherever a `Show` is asked for.

    Args:
        folder: to write into, made if missing.
        names: of the pictures or pairs, by number.
        every: write numbers 0, `every`, twice `every` and so on; 1 writes them all.

    Attributes:
        folder: where they are.
        count: how many were written.
    """

    def __init__(self, folder: Path, names: Sequence[str], every: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.count = 0
        self._names = names
        self._every = every

    def __call__(self, number: int, weather: str, columns: Sequence[Sequence[ByteImage]]) -> None:
        """Write the columns of one result where its number asks for it."""
        if number % self._every:
            return
        name = f"{self._names[number]}_{weather}.jpg"
        write_rgb(self.folder / name, side_by_side(columns))
        self.count += 1


def show_derained(methods: Sequence[Method], pictures: Iterable[Picture], show: Show) -> None:
    """Derain single pictures, RGB `[H,W,3]`, each given as both views, and show them in uint8."""
    for number, picture in enumerate(pictures):
        columns = [(picture,), *(method.apply((picture,)) for method in methods)]
        show(number, WEATHER, [tuple(map(eight_bits, column)) for column in columns])


def side_by_side(columns: Sequence[Sequence[ByteImage]]) -> ByteImage:
    """Join pictures of one size: columns left to right, the views of each from the top down.

    Args:
        columns: uint8 RGB `[H,W,3]`, as many in each column.

    Returns:
        uint8 RGB, with white gaps of `GAP_PX` between.
    """
    stacked = [_joined(column, axis=0) for column in columns]
    return _joined(stacked, axis=1)


def _joined(pictures: Sequence[ByteImage], axis: int) -> ByteImage:
    shape = list(pictures[0].shape)
    shape[axis] = GAP_PX
    gap = np.full(shape, 255, np.uint8)
    parts = [part for picture in pictures for part in (gap, picture)]
    return np.concatenate(parts[1:], axis=axis)
