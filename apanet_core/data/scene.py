"""A clean pair in memory, with the disparity that rain needs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apanet_core.data.stereo_folder import PairFiles
from apanet_core.imaging.disparity import estimate_disparity
from apanet_core.imaging.types import ByteImage


class Scene(NamedTuple):
    """A clean pair in memory: uint8 RGB `[H,W,3]` twice, and float16 `[H,W]` left disparity."""

    left: ByteImage
    right: ByteImage
    disparity: NDArray[np.float16]


def load_scene(files: PairFiles) -> Scene:
    """Read a clean pair and estimate its disparity; errors as `PairFiles.read`."""
    left, right = files.read()
    return Scene(left, right, estimate_disparity(left, right).astype(np.float16))
