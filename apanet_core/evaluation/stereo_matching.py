"""Does stereo matching work again? Semi-global matching against that of the clean pair."""

from __future__ import annotations

import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.types import FloatMap

BAD_PX = 3.0
"""A disparity that is wrong by more than this counts as bad, as in the KITTI benchmark."""


def bad_share(disparity: FloatMap, reference: FloatMap) -> float:
    """Return the share of known pixels whose disparity is wrong by over 3 pixels, or missing.

    Args:
        disparity: from `match_disparity` of the rainy or derained pair, float32 `[H,W]`, pixels;
            NaN where nothing matched, which counts as bad.
        reference: of the clean pair; NaN where unknown, which is left out.

    Returns:
        0 (all good) to 1; NaN where the reference knows no pixel.

    Raises:
        ImageError: the sizes differ.
    """
    if disparity.shape != reference.shape:
        raise ImageError(f"The disparities differ in size: {disparity.shape}, {reference.shape}.")
    known = np.isfinite(reference)
    if not known.any():
        return float("nan")
    # Written so that a comparison with NaN counts as bad.
    good = np.abs(disparity[known] - reference[known]) <= BAD_PX
    return float(1 - good.mean())
