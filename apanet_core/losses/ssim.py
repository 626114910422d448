"""Structural similarity as a loss (Wang et al. 2004), Gaussian window of 11 with sigma 1.5."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_C1 = 0.01**2
_C2 = 0.03**2


def gaussian_window(size: int = 11, sigma: float = 1.5) -> Tensor:
    """Return a float32 `[size]` Gaussian window that sums to one."""
    offsets = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
    weights = torch.exp(-(offsets**2) / (2 * sigma**2))
    return weights / weights.sum()


def ssim(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean structural similarity, 1 for equal images.

    Args:
        output, target: float `[B,C,H,W]` in [0, 1], H and W of at least 11; only whole windows
            count, none is padded.
    """
    maps = [output, target, output * output, target * target, output * target]
    # Filtered as channels of one image: half the time on a CPU.
    mean_o, mean_t, square_o, square_t, product = _blur(torch.cat(maps, dim=1)).chunk(5, dim=1)
    var_o, var_t = square_o - mean_o**2, square_t - mean_t**2
    covariance = product - mean_o * mean_t
    luminance = (2 * mean_o * mean_t + _C1) / (mean_o**2 + mean_t**2 + _C1)
    structure = (2 * covariance + _C2) / (var_o + var_t + _C2)
    return (luminance * structure).mean()


def ssim_loss(output: Tensor, target: Tensor) -> Tensor:
    """Return `1 - ssim`, the paper's training loss; shapes as `ssim`."""
    return 1 - ssim(output, target)


def _blur(image: Tensor) -> Tensor:
    channels = image.shape[1]
    window = gaussian_window().to(image)
    rows = window.reshape(1, 1, 1, -1).expand(channels, 1, 1, -1)
    columns = window.reshape(1, 1, -1, 1).expand(channels, 1, -1, 1)
    return F.conv2d(F.conv2d(image, rows, groups=channels), columns, groups=channels)
