"""Are both views wrong alike? Stereo matching suffers from what differs between them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def consistency_loss(error_left: Tensor, error_right: Tensor, disparity: Tensor) -> Tensor:
    """Return the mean absolute difference of the two views' errors, surface by surface.

    Derained views of which one is brighter than the clean one, or still has its streak, match
    worse than views that are both so. Unlike the bare difference of two derained views, that of
    their errors is least where both are right, not where both are smooth.

    Args:
        error_left, error_right: derained minus clean views, float `[B,C,H,W]`.
        disparity: of the left view, `[B,1,H,W]`, pixels: left column `x` shows what right column
            `x - disparity` shows. NaN where that is unknown or not seen by both.

    Returns:
        A scalar, averaged over the batch: each pair's mean over channels and pixels of known
        disparity, 0 where there are none.
    """
    known = torch.isfinite(disparity)
    error_right = _warp_to_left(error_right, torch.where(known, disparity, 0.0))
    difference = (error_left - error_right).abs() * known
    count = known.sum(dim=(1, 2, 3)) * difference.shape[1]
    return (difference.sum(dim=(1, 2, 3)) / count.clamp(min=1)).mean()


def _warp_to_left(right: Tensor, disparity: Tensor) -> Tensor:
    """Return the right `[B,C,H,W]` as the left camera sees it, columns interpolated."""
    height, width = right.shape[2:]
    rows = torch.linspace(-1, 1, height, device=right.device, dtype=right.dtype)
    columns = torch.arange(width, device=right.device) - disparity[:, 0]
    # grid_sample wants -1 for the middle of the first column and 1 for that of the last.
    columns = 2 * columns.to(right.dtype) / max(width - 1, 1) - 1
    grid = torch.stack([columns, rows[:, None].expand_as(columns)], dim=3)
    return grid_sample(right, grid, padding_mode="border", align_corners=True)
