"""Every view brought to one brightness and contrast, and back; our own variants do so.

Cameras differ in black level, exposure, contrast and white balance. All of these scale and shift a
colour. A network that sees standardised views computes the same whatever that scale and shift is,
so none of them needs to be learnt, and what it predicts comes back in the view's own tone.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

MEAN, DEVIATION = 0.36, 0.30
"""Of every colour of a standardised view: about those of a dry street by day."""

SMALLEST_DEVIATION = 0.02
"""Contrast below which a view is not stretched further: noise and rounding would be all there is."""


class Tone(NamedTuple):
    """Mean and scale of each colour of a view, float32 `[B,3,1,1]`.

    Attributes:
        mean: in [0, 1].
        scale: the view's standard deviation over that of a standardised one.
    """

    mean: Tensor
    scale: Tensor

    def standardised(self, view: Tensor) -> Tensor:
        """Return a view `[B,3,H,W]` with the common mean and deviation."""
        return (view - self.mean) / self.scale + MEAN


def tone_of(view: Tensor) -> Tone:
    """Measure each colour of a view, float `[B,3,H,W]` in [0, 1]."""
    pixels = view.float()
    mean = pixels.mean(dim=(2, 3), keepdim=True)
    variance = (pixels - mean).square().mean(dim=(2, 3), keepdim=True)
    deviation = variance.clamp_min(SMALLEST_DEVIATION**2).sqrt()
    return Tone(mean, deviation / DEVIATION)


def unchanged_tone(view: Tensor) -> Tone:
    """Return the tone that leaves a view `[B,3,H,W]` as it is, as the paper's network takes it."""
    shape = (view.shape[0], 3, 1, 1)
    mean = torch.full(shape, MEAN, dtype=torch.float32, device=view.device)
    return Tone(mean, torch.ones_like(mean))
