"""Changes of a sample that keep its epipolar geometry."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from apanet_core.imaging.types import ByteImage

ViewPair = tuple[ByteImage, ByteImage]
"""Left and right view, uint8 RGB `[H,W,3]`."""


def augmented(pairs: Sequence[ViewPair], generator: np.random.Generator) -> list[Tensor]:
    """Vary exposure and white balance alike in all views, and mirror the scene at times.

    Mirrored left to right, the cameras trade places: the right view, mirrored, is the new left.
    Nothing is turned upside down: rain falls, and the ground is below.

    Args:
        pairs: of one scene, such as the rainy and the clean one.
        generator: source of all randomness.

    Returns:
        The views in the order given, left before right, as float32 `[3,H,W]` in [0, 1].
    """
    if generator.random() < 0.5:
        pairs = [(right[:, ::-1], left[:, ::-1]) for left, right in pairs]
    gain = generator.uniform(0.8, 1.15) * generator.uniform(0.95, 1.05, 3)
    gamma = generator.uniform(0.85, 1.2)
    table = np.clip(np.linspace(0, 1, 256)[:, None] ** gamma * gain, 0, 1)
    return [_as_tensor(view, table[None].astype(np.float32)) for pair in pairs for view in pair]


def _as_tensor(view: ByteImage, table: NDArray[np.float32]) -> Tensor:
    """Look every value up in a table `[1,256,3]` and return float32 `[3,H,W]`."""
    mapped = cv2.LUT(np.ascontiguousarray(view), table)
    return torch.from_numpy(np.ascontiguousarray(mapped.transpose(2, 0, 1)))
