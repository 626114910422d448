"""A stereo scene made of one photograph, for training on more places than stereo cameras saw."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from apanet_core.data.scene import Scene
from apanet_core.errors import ImageError
from apanet_core.imaging.files import pictures_in, read_rgb
from apanet_core.imaging.types import ByteImage

LARGEST_DISPARITY_PX = 64.0


def load_plane_scenes(folder: str | Path, seed: int) -> list[Scene]:
    """Make a scene of every picture in a folder; errors as `pictures_in`, `read_rgb`, `stand_up`.

    Args:
        folder: single pictures.
        seed: of the planes.
    """
    generator = np.random.default_rng(seed)
    return [stand_up(read_rgb(path), generator) for path in pictures_in(Path(folder))]


def stand_up(image: ByteImage, generator: np.random.Generator) -> Scene:
    """See a picture as a wall that stands on the ground, and look at it with two cameras.

    From the top down to a foot line the disparity is that of the wall, below it grows evenly as
    on flat ground. A left pixel at column `x` lies in the right view at `x - disparity`.

    Args:
        image: uint8 RGB `[H,W,3]`, wider than `LARGEST_DISPARITY_PX`.
        generator: source of the wall's distance and foot line.

    Returns:
        Views of `[H, W - LARGEST_DISPARITY_PX, 3]` and their disparity.

    Raises:
        ImageError: the picture is too narrow.
    """
    height, full_width = image.shape[:2]
    width = full_width - int(LARGEST_DISPARITY_PX)
    if width <= 0:
        raise ImageError(f"A picture {full_width} pixels wide is too narrow for a stereo scene.")
    wall, front = np.sort(generator.uniform(1.0, LARGEST_DISPARITY_PX, 2))
    foot = generator.uniform(0.4, 1.0) * height
    rows = np.arange(height, dtype=np.float32)
    below = np.clip((rows - foot) / max(height - foot, 1.0), 0, 1)
    disparity = np.repeat((wall + (front - wall) * below)[:, None], width, axis=1)
    columns = np.arange(width, dtype=np.float32)[None, :] + disparity
    row_map = np.repeat(rows[:, None], width, axis=1)
    right = cv2.remap(image, np.float32(columns), row_map, cv2.INTER_LINEAR)
    left = np.ascontiguousarray(image[:, :width])
    return Scene(left, np.asarray(right, np.uint8), disparity.astype(np.float16))
