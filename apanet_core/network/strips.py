"""Computing a block a few rows at a time, so that its numbers stay in a CPU's cache.

A block looks across rows only by its 3 x 3 depthwise filter and by what external attention must
know of all pixels. So a strip of rows, and one row above and below it, give the rows of the whole,
in a fraction of the memory and, since memory is what a CPU waits for, of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from apanet_core.network.strip_size import STRIP_BYTES, WHOLE_BYTES

HALO = 1
"""Rows above and below that the depthwise filter looks at."""


@dataclass(frozen=True)
class Strip:
    """Rows that are computed together.

    Attributes:
        kept: the rows of the image whose results count.
        seen: these and the rows beside them.
        kept_of_seen: the rows of `seen` that are kept.
    """

    kept: slice
    seen: slice
    kept_of_seen: slice


def strips_of(height: int, rows: int) -> Iterator[Strip]:
    """Cut an image of so many rows into strips of `rows`; the last one may be shorter."""
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        above = max(top - HALO, 0)
        seen = slice(above, min(bottom + HALO, height))
        yield Strip(slice(top, bottom), seen, slice(top - above, bottom - above))


def strip_rows(features: Tensor) -> int:
    """Return how many rows of `[B,C,H,W]` to compute at a time: all of them but on a CPU.

    Training keeps what it computes, and an export draws one graph for every size; both take all.
    """
    height = features.shape[-2]
    if features.device.type != "cpu" or torch.is_grad_enabled() or torch.compiler.is_compiling():
        return height
    if features.nbytes <= WHOLE_BYTES:
        return height
    return max(4 * HALO, STRIP_BYTES * height // features.nbytes)
