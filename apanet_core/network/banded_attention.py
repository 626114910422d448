"""Causal attention that looks back no further than a given reach."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def banded_attention(query: Tensor, key: Tensor, value: Tensor, reach: int) -> Tensor:
    """Attend from every column to its own and the `reach` columns before it.

    The row is cut into blocks of `reach` columns. What a block may see lies in itself and the block
    before it, so work and memory grow with `W * reach`, not with `W * W`.

    Args:
        query, key, value: `[B,H,W,C]`.
        reach: columns, 1 or more.

    Returns:
        `[B,H,W,C]`, scores scaled by `1 / sqrt(C)`.
    """
    batch, height, width, channels = query.shape
    missing = -width % reach
    blocks = (width + missing) // reach
    queries = F.pad(query, (0, 0, 0, missing)).reshape(-1, blocks, reach, channels)
    # A block of nothing stands before the first one.
    keys, values = (
        F.pad(rows, (0, 0, reach, missing))
        .reshape(batch * height, -1, channels)
        .unfold(1, 2 * reach, reach)
        .transpose(-1, -2)
        for rows in (key, value)
    )
    mask = _band(blocks, reach, query.device)
    attended = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    return attended.reshape(batch, height, -1, channels)[:, :, :width]


def _band(blocks: int, reach: int, device: torch.device) -> Tensor:
    """Return bool `[blocks, reach, 2 * reach]`: whether a block's column sees a column of its two.

    A column `i` of a block is column `reach + i` of the two.
    """
    back = (
        reach + torch.arange(reach, device=device)[:, None] - torch.arange(2 * reach, device=device)
    )
    band = (back >= 0) & (back <= reach)
    first = torch.arange(blocks, device=device)[:, None, None] == 0
    nothing = torch.arange(2 * reach, device=device) < reach
    return band & ~(first & nothing)
