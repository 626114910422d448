"""What a network is trained on: a few views of one scene."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Sample(NamedTuple):
    """A rainy pair and its clean one, float32 `[3,H,W]` RGB in [0, 1], and what is known of them.

    Attributes:
        disparity: of the left view, float32 `[1,H,W]`, pixels: left column `x` shows what right
            column `x - disparity` shows. NaN where that is unknown or only one view sees it.
        hazy_left, hazy_right: the rainy views without what falls, as `rainy_left`: scene and haze.
            NaN where nobody knows the haze.
        drops_left, drops_right: how much drops on the lens hide, float32 `[1,H,W]`, 0 to 1.
    """

    rainy_left: Tensor
    rainy_right: Tensor
    clean_left: Tensor
    clean_right: Tensor
    disparity: Tensor
    hazy_left: Tensor
    hazy_right: Tensor
    drops_left: Tensor
    drops_right: Tensor


class RealSample(NamedTuple):
    """A pair on which real rain fell, float32 `[3,H,W]` RGB in [0, 1]; nobody saw it dry."""

    rainy_left: Tensor
    rainy_right: Tensor
