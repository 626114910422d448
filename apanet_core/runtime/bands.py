"""Deraining a picture in bands of whole rows, for want of memory to derain it at once.

Rows are epipolar lines, so parallax attention sees in a band all that it sees in the picture.
"""

from __future__ import annotations

import itertools

import numpy as np

from apanet_core.imaging.types import AnyPicture
from apanet_core.runtime.scaled import DerainViews

OVERLAP = 32
"""Rows that neighbouring bands share, over which one fades into the other."""


def derain_in_bands(
    derain: DerainViews, left: AnyPicture, right: AnyPicture, count: int
) -> tuple[AnyPicture, AnyPicture]:
    """Derain bands from top to bottom and fade each into the next.

    Args:
        derain: derains RGB `[h,W,3]` views of one size.
        left, right: uint8 or uint16 RGB `[H,W,3]`, one size.
        count: of bands.

    Returns:
        New arrays of the pair's own size and type.
    """
    edges = [round(number * left.shape[0] / count) for number in range(count + 1)]
    results = np.stack([left, right])
    for start, stop in itertools.pairwise(edges):
        first = max(start - OVERLAP, 0)
        band = np.stack(derain(left[first:stop], right[first:stop]))
        shared = start - first
        share = (np.arange(shared, dtype=np.float32)[:, None, None] + 1) / (shared + 1)
        faded = results[:, first:start] * (1 - share) + band[:, :shared] * share
        results[:, first:start] = np.rint(faded)
        results[:, start:stop] = band[:, shared:]
    return results[0], results[1]
