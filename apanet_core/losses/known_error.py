"""Mean absolute error against a target that is not known everywhere."""

from __future__ import annotations

import torch
from torch import Tensor


def known_error(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute error over what is known.

    Args:
        output: float `[B,C,H,W]`.
        target: the same shape; NaN where it is unknown.

    Returns:
        A scalar, 0 where nothing is known.
    """
    known = torch.isfinite(target)
    error = (output - torch.where(known, target, output.detach())).abs() * known
    return error.sum() / known.sum().clamp(min=1)
