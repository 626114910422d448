"""The dark channel prior (He, Sun and Tang 2009): clear outdoor pictures are dark somewhere nearby.

Veil and rain streaks only add light, so they lift the darkest value of a neighbourhood.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from apanet_core.errors import ConfigError


def dark_channel(image: Tensor, patch: int = 35) -> Tensor:
    """Return at each pixel the smallest value of any channel within a patch around it.

    Args:
        image: float `[B,C,H,W]`.
        patch: side of the patch in pixels, odd. A patch that reaches over the border ends there,
            so one that is larger than the image covers all of it.

    Returns:
        `[B,1,H,W]`.

    Raises:
        ConfigError: the patch is not odd and positive, so it has no centre.
    """
    if patch < 1 or patch % 2 == 0:
        raise ConfigError(f"The dark channel's patch must be 1, 3, 5, ... pixels, got {patch}.")
    # The largest negative is the smallest value. Rows first, then columns: the same minimum with
    # 2 * patch comparisons a pixel in place of patch * patch.
    brightness = -image.amin(dim=1, keepdim=True)
    rows = F.max_pool2d(brightness, (1, patch), stride=1, padding=(0, patch // 2))
    return -F.max_pool2d(rows, (patch, 1), stride=1, padding=(patch // 2, 0))


def dark_channel_loss(image: Tensor, patch: int = 35) -> Tensor:
    """Return the L1 norm of the dark channel of `[B,C,H,W]`, the mean over the batch.

    A norm sums over pixels: only so is the paper's weight of 1e-6 more than nothing beside losses
    that are means. Patch and errors as `dark_channel`.
    """
    return dark_channel(image, patch).abs().sum(dim=(1, 2, 3)).mean()
