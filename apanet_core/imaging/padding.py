"""Padding by reflection, undone by cropping."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def pad_to_multiple(image: Tensor, multiple: int) -> Tensor:
    """Reflect `[B,C,H,W]` at its bottom and right border until both sides are multiples.

    Args:
        image: float `[B,C,H,W]`, H and W of at least 2.
        multiple: pixels.

    Returns:
        `[B,C,H',W']`; the original is its top left corner.
    """
    missing_width = -image.shape[-1] % multiple
    missing_height = -image.shape[-2] % multiple
    # A reflection can be at most one pixel shorter than the image, so small images take several.
    while missing_width or missing_height:
        right = min(missing_width, image.shape[-1] - 1)
        bottom = min(missing_height, image.shape[-2] - 1)
        image = F.pad(image, (0, right, 0, bottom), mode="reflect")
        missing_width -= right
        missing_height -= bottom
    return image
