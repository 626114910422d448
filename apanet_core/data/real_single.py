"""Single pictures of real rain, seen by both cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from apanet_core.data.augmentation import Augment, draw_augmentation
from apanet_core.data.plausible_scene import draw_seen_scene
from apanet_core.data.sample import RealSample
from apanet_core.errors import ImageError
from apanet_core.imaging.files import (
    IMAGE_SUFFIXES,
    is_picture_name,
    reachable,
    read_rgb,
    warn_of_dangling,
)
from apanet_core.imaging.types import ByteImage


class RealSingle:
    """A `Source` of photographs and film frames of real rain.

    Half of the draws show both cameras the same picture, the other half gives it a plausible
    disparity. Photographs come in any size, and no clean one depends on their pixels: one that is
    smaller than the crop is enlarged. Pictures are read at each draw.

    Args:
        files: pictures.
        augment: draws what is changed of each scene.
    """

    def __init__(self, files: Sequence[Path], augment: Augment = draw_augmentation) -> None:
        self._files = files
        self._augment = augment

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} single pictures of real rain"

    def __len__(self) -> int:
        return len(self._files)

    def check_crop(self, crop: tuple[int, int]) -> None:
        """Accept any crop; see `Source.check_crop`."""

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> RealSample:
        """Draw a crop of a random picture and two views of it; see `Source.draw`."""
        path = self._files[int(generator.integers(len(self)))]
        picture = _enlarged(read_rgb(path), crop)
        scene = draw_seen_scene(picture.shape[:2], crop, generator)
        return self._augment(generator).real_sample(scene.views_of(picture))


def pictures_below(folder: Path) -> list[Path]:
    """Return the pictures in a folder and in all folders below it, sorted by path.

    Raises:
        ImageError: the folder is missing, or there is no picture.
    """
    if not folder.is_dir():
        raise ImageError(f"No folder {folder}: check the path.")
    found, dangling = reachable(filter(is_picture_name, folder.rglob("*")))
    warn_of_dangling(dangling)
    if not found:
        raise ImageError(f"No pictures below {folder} ({', '.join(sorted(IMAGE_SUFFIXES))}).")
    return found


def _enlarged(picture: ByteImage, crop: tuple[int, int]) -> ByteImage:
    """Return a picture that holds the crop, in its own proportions."""
    height, width = picture.shape[:2]
    factor = max(crop[0] / height, crop[1] / width)
    if factor <= 1:
        return picture
    size = (max(crop[1], round(width * factor)), max(crop[0], round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)
