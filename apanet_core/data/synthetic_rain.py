"""Training samples: random crops of clean pairs on which it rains, new rain every time."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from apanet_core.data.sample import Sample
from apanet_core.data.scene import Scene
from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.rain import SEVERITIES, StereoGeometry, add_rain, sample_weather


class SyntheticRain(Dataset[Sample]):
    """Sample `i` depends on the seed and `i` alone, so any order and any resumption is exact.

    Args:
        scenes: clean pairs, each at least as large as the crop.
        crop: `(height, width)` in pixels.
        count: number of samples, an epoch's worth or a whole training's.
        seed: of all randomness.
        clear_share: share of samples on which no rain falls, so that the network learns to leave
            a dry picture alone.

    Raises:
        ImageError: a scene is smaller than the crop.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        crop: tuple[int, int],
        count: int,
        seed: int,
        clear_share: float = 0.1,
    ) -> None:
        smallest = np.min([scene.left.shape[:2] for scene in scenes], axis=0)
        if (smallest < crop).any():
            raise ImageError(
                f"A clean pair of {smallest[1]}x{smallest[0]} is smaller than the crop of "
                f"{crop[1]}x{crop[0]}: choose a smaller crop."
            )
        self._scenes = scenes
        self._crop = crop
        self._count = count
        self._seed = seed
        self._clear_share = clear_share

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Sample:
        # Worker processes already use every core.
        cv2.setNumThreads(0)
        generator = np.random.default_rng((self._seed, index))
        left, right, disparity, geometry = self._cut(generator)
        rainy = (left, right)
        if generator.random() >= self._clear_share:
            weather = sample_weather(generator.choice(list(SEVERITIES)), generator)
            rainy = add_rain(left, right, weather, generator, disparity, geometry)
        return Sample(*_augmented([*rainy, left, right], generator))

    def _cut(
        self, generator: np.random.Generator
    ) -> tuple[ByteImage, ByteImage, NDArray[np.float32], StereoGeometry]:
        scene = self._scenes[int(generator.integers(len(self._scenes)))]
        height, width = self._crop
        full_height, full_width = scene.left.shape[:2]
        # Both views share one crop position: only so does disparity keep its meaning.
        top = int(generator.integers(full_height - height + 1))
        start = int(generator.integers(full_width - width + 1))
        window = np.s_[top : top + height, start : start + width]
        geometry = StereoGeometry(center=(full_width / 2 - start, full_height / 2 - top))
        disparity = scene.disparity[window].astype(np.float32)
        return scene.left[window], scene.right[window], disparity, geometry


def _augmented(views: list[ByteImage], generator: np.random.Generator) -> list[Tensor]:
    """Vary exposure and white balance alike in all views, and mirror the scene at times.

    Mirrored left to right, the cameras trade places: the right view, mirrored, is the new left.
    """
    rainy_left, rainy_right, clean_left, clean_right = views
    if generator.random() < 0.5:
        views = [view[:, ::-1] for view in (rainy_right, rainy_left, clean_right, clean_left)]
    gain = generator.uniform(0.8, 1.15) * generator.uniform(0.95, 1.05, 3)
    gamma = generator.uniform(0.85, 1.2)
    table = np.linspace(0, 1, 256)[:, None] ** gamma * gain
    table = table.clip(0, 1).astype(np.float32)
    channels = np.arange(3)
    return [
        torch.from_numpy(np.ascontiguousarray(table[view, channels].transpose(2, 0, 1)))
        for view in views
    ]
