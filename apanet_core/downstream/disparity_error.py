"""How far a disparity is off: bad pixels, end-point error, and how dense it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apanet_core.evaluation.stereo_matching import BAD_PX, bad_share
from apanet_core.imaging.types import FloatMap


@dataclass(frozen=True)
class DisparityError:
    """A disparity against a reference.

    Attributes:
        bad: share of the reference's pixels that are wrong by over 3 pixels, or missing.
        wrong: share of the matched pixels that are wrong by over 3 pixels.
        end_point_px: mean absolute error of the matched pixels.
        density: share of the whole picture that was matched.
    """

    bad: float
    wrong: float
    end_point_px: float
    density: float


def disparity_error(disparity: FloatMap, reference: FloatMap) -> DisparityError:
    """Compare a disparity with a reference.

    Args:
        disparity: float32 `[H,W]`, pixels; NaN where nothing matched.
        reference: the same size; not finite where unknown, which is left out.

    Returns:
        Shares from 0 to 1 and pixels; NaN where there is nothing to compare.

    Raises:
        ImageError: the sizes differ.
    """
    bad = bad_share(disparity, reference)
    both = np.isfinite(disparity) & np.isfinite(reference)
    density = float(np.isfinite(disparity).mean())
    if not both.any():
        return DisparityError(bad, float("nan"), float("nan"), density)
    error = np.abs(disparity[both] - reference[both])
    return DisparityError(bad, float((error > BAD_PX).mean()), float(error.mean()), density)
