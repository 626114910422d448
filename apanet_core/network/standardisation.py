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

TONE, BOUND = 6, 8.0
"""How many numbers tell a tone, and how large they are at most."""

SMALLEST_DEVIATION = 0.02
"""Contrast below which a view is not stretched further: noise and rounding would be all of it."""


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
        # One pass over the picture, which is what a CPU waits for.
        return torch.addcmul(MEAN - self.mean / self.scale, view, 1 / self.scale)

    @property
    def shift(self) -> Tensor:
        """What to add to a view, so that its values over `scale` are the standardised ones."""
        return MEAN * self.scale - self.mean

    def numbers(self) -> Tensor:
        """Return `[B,6]`: where black lies in each standardised colour, and the way to white."""
        black, white = MEAN - self.mean / self.scale, 1 / self.scale
        return torch.cat([black, white], dim=1)[..., 0, 0].clamp(-BOUND, BOUND)


def tone_of(view: Tensor) -> Tone:
    """Measure each colour of a view, float `[B,3,H,W]` in [0, 1]."""
    pixels = view.float()
    mean = pixels.mean(dim=(2, 3), keepdim=True)
    variance = pixels.square().mean(dim=(2, 3), keepdim=True) - mean.square()
    deviation = variance.clamp_min(SMALLEST_DEVIATION**2).sqrt()
    return Tone(mean, deviation / DEVIATION)
