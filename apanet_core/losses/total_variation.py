"""Squared total variation: how much neighbouring pixels differ."""

from __future__ import annotations

from torch import Tensor


def total_variation_loss(image: Tensor) -> Tensor:
    """Return twice the mean squared difference of vertical and of horizontal neighbours, summed.

    Each direction is a mean over its own neighbours, so the value depends neither on batch nor on
    image size. The factor of two comes with the form that deraining papers share (squared total
    variation after Mahendran and Vedaldi 2015), so that their weights mean the same here.

    Args:
        image: float `[B,C,H,W]`, H and W of at least 2.

    Returns:
        A scalar, 0 for flat images; 4 at most in the range [0, 1].
    """
    vertical = (image[..., 1:, :] - image[..., :-1, :]).square().mean()
    horizontal = (image[..., :, 1:] - image[..., :, :-1]).square().mean()
    return 2 * (vertical + horizontal)
