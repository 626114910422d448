"""A clean pair in memory, with the disparity that rain needs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apanet_core.data.stereo_folder import PairFiles
from apanet_core.imaging.disparity import estimate_disparity
from apanet_core.imaging.types import Picture


class Scene(NamedTuple):
    """A clean pair in memory: RGB `[H,W,3]` twice, and float16 `[H,W]` left disparity."""

    left: Picture
    right: Picture
    disparity: NDArray[np.float16]


def load_scene(files: PairFiles, all_bits: bool = False) -> Scene:
    """Read a clean pair and estimate its disparity; errors as `PairFiles.read`.

    Args:
        files: of the pair.
        all_bits: keep pictures of more than 8 bits in uint16; else all are uint8.
    """
    left, right = files.read_pictures() if all_bits else files.read()
    return Scene(left, right, estimate_disparity(left, right).astype(np.float16))
