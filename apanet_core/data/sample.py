"""What a network is trained on: a few views of one scene."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Sample(NamedTuple):
    """A rainy pair and its clean one, float32 `[3,H,W]` RGB in [0, 1], and how they match.

    Attributes:
        disparity: of the left view, float32 `[1,H,W]`, pixels: left column `x` shows what right
            column `x - disparity` shows. NaN where that is unknown or only one view sees it.
    """

    rainy_left: Tensor
    rainy_right: Tensor
    clean_left: Tensor
    clean_right: Tensor
    disparity: Tensor


class RealSample(NamedTuple):
    """A pair on which real rain fell, float32 `[3,H,W]` RGB in [0, 1]; nobody saw it dry."""

    rainy_left: Tensor
    rainy_right: Tensor
