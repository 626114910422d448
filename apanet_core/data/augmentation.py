"""Changes of a sample that keep its epipolar geometry."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from apanet_core.data.sample import RealSample, Sample
from apanet_core.imaging.disparity import right_disparity, seen_by_both
from apanet_core.imaging.types import ByteImage, FloatMap

ViewPair = tuple[ByteImage, ByteImage]
"""Left and right view, uint8 RGB `[H,W,3]`."""


class Augmentation(NamedTuple):
    """One change for all views of a scene.

    Attributes:
        mirrored: left to right. The cameras trade places: the right view is the new left one.
        table: what each value of each colour becomes, float32 `[1,256,3]` in [0, 1].
    """

    mirrored: bool
    table: NDArray[np.float32]

    def sample(self, rainy: ViewPair, clean: ViewPair, disparity: FloatMap | None) -> Sample:
        """Change a rainy pair and its clean one.

        Args:
            rainy, clean: of one scene and size.
            disparity: of the left view, float32 `[H,W]`, pixels, without holes; `None`: unknown.
        """
        if disparity is None:
            disparity = np.full(clean[0].shape[:2], np.nan, np.float32)
        else:
            if self.mirrored:
                disparity = right_disparity(disparity)[:, ::-1]
            disparity = np.where(seen_by_both(disparity), disparity, np.nan).astype(np.float32)
        return Sample(*self._views(rainy), *self._views(clean), torch.from_numpy(disparity[None]))

    def real_sample(self, rainy: ViewPair) -> RealSample:
        """Change a pair on which real rain fell."""
        return RealSample(*self._views(rainy))

    def _views(self, pair: ViewPair) -> tuple[Tensor, Tensor]:
        left, right = (self._as_tensor(view) for view in pair)
        return (right.flip(2), left.flip(2)) if self.mirrored else (left, right)

    def _as_tensor(self, view: ByteImage) -> Tensor:
        mapped = cv2.LUT(np.ascontiguousarray(view), self.table)
        return torch.from_numpy(np.ascontiguousarray(mapped.transpose(2, 0, 1)))


Augment = Callable[[np.random.Generator], Augmentation]
"""How a source draws the change of a scene: `draw_augmentation` or `no_augmentation`."""


def draw_augmentation(generator: np.random.Generator) -> Augmentation:
    """Draw exposure and white balance, and whether to mirror the scene.

    Nothing is turned upside down: rain falls, and the ground is below.

    Args:
        generator: source of all randomness.
    """
    mirrored = generator.random() < 0.5
    gain = generator.uniform(0.8, 1.15) * generator.uniform(0.95, 1.05, 3)
    gamma = generator.uniform(0.85, 1.2)
    table = np.clip(np.linspace(0, 1, 256)[:, None] ** gamma * gain, 0, 1)
    return Augmentation(mirrored, table[None].astype(np.float32))


def no_augmentation(_: np.random.Generator) -> Augmentation:
    """Return what leaves a scene as its pictures show it; draws nothing."""
    return Augmentation(False, np.linspace(0, 1, 256, dtype=np.float32)[None, :, None].repeat(3, 2))
