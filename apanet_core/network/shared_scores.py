"""Both directions of parallax attention from one set of scores, a block at a time, on a CPU.

What left column `i` thinks of right column `j` serves both views: normalised over `j` it mixes
right values for the left view, over `i` left values for the right one. A fused causal kernel
computes it for each of them anew.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

BLOCK = 64
"""Left columns whose scores are in memory at a time."""

BLOCK_SCORES = 2**18
"""Scores in memory at a time, which a CPU's cache holds; rows of an image are taken accordingly."""

SMALLEST_SUM = 1e-30
"""Below this sum of a column's exponentials float32 loses digits."""


def can_share_scores(query: Tensor) -> bool:
    """Whether this way is the better one: float32 on a CPU, and nobody wants gradients."""
    on_cpu = query.device.type == "cpu" and query.dtype == torch.float32
    return on_cpu and not torch.is_grad_enabled() and not torch.compiler.is_compiling()


def attend_both_ways(
    query: Tensor, key: Tensor, left_value: Tensor, right_value: Tensor
) -> tuple[Tensor, Tensor] | None:
    """Attend from left to right and from right to left under the parallax mask.

    Args:
        query, left_value: of the left view, `[B,H,W,C]`.
        key, right_value: of the right view.

    Returns:
        What the left view takes from the right one, and the reverse, `[B,H,W,C]`; `None` where
        scores spread too far for one common offset.
    """
    shape = query.shape
    query = query * (1 / math.sqrt(shape[-1]))
    rows = [tensor.reshape(-1, *shape[2:]) for tensor in (query, key, left_value, right_value)]
    together = max(1, BLOCK_SCORES // (BLOCK * shape[2]))
    groups = zip(*(torch.split(tensor, together) for tensor in rows), strict=True)
    attended = [_attend(*group) for group in groups]
    found = [pair for pair in attended if pair is not None]
    if len(found) < len(attended):
        return None
    from_right, from_left = (torch.cat(parts).reshape(shape) for parts in zip(*found, strict=True))
    return from_right, from_left


def _attend(
    query: Tensor, key: Tensor, left_value: Tensor, right_value: Tensor
) -> tuple[Tensor, Tensor] | None:
    """Do so for rows `[R,W,C]`, the query scaled."""
    # No score exceeds the product of the longest query and key, so no exponential overflows.
    offset = -(_longest(query) * _longest(key))
    keys = key.transpose(1, 2)
    from_right, right_sum = torch.empty_like(right_value), query.new_empty(query.shape[:2])
    from_left, left_sum = torch.zeros_like(left_value), query.new_zeros(query.shape[:2])
    for start in range(0, query.shape[1], BLOCK):
        stop = min(start + BLOCK, query.shape[1])
        scores = torch.baddbmm(offset, query[:, start:stop], keys[:, :, :stop])
        scores[:, :, start:].add_(_hidden(stop - start, query.device))
        weights = scores.exp_()
        torch.sum(weights, dim=2, out=right_sum[:, start:stop])
        from_right[:, start:stop] = torch.bmm(weights, right_value[:, :stop])
        left_sum[:, :stop] += weights.sum(dim=1)
        from_left[:, :stop].baddbmm_(weights.transpose(1, 2), left_value[:, start:stop])
    if not min(right_sum.min(), left_sum.min()) > SMALLEST_SUM:
        return None
    return from_right.div_(right_sum.unsqueeze(2)), from_left.div_(left_sum.unsqueeze(2))


def _longest(vectors: Tensor) -> Tensor:
    """Return `[R,1,1]`, the largest length among `[R,W,C]`."""
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=2)
    return lengths.amax(dim=1).reshape(-1, 1, 1)


def _hidden(size: int, device: torch.device) -> Tensor:
    """Return what to add to `[size,size]` scores: minus infinity where `j > i`."""
    return torch.full((size, size), -math.inf, device=device).triu_(1)
