"""Haze: what lies over the scene, apart from the drops and streaks that fall; our variants lift it.

A hazy picture is `S = J t + A (1 - t)`: light `J` of the scene that is transmitted, and airlight
(Narasimhan and Nayar 2002). Lifting the haze adds `J - S = (1 / t - 1) (S - A)`, a gain of the
picture less an offset. Both are predicted, and bounded by what the picture supports.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from apanet_core.network.initialisation import be_zero
from apanet_core.network.standardisation import Tone

SMALLEST_GAIN, LARGEST_GAIN = -0.5, 6.0
"""Bounds of `1 / t - 1`, t the transmission: of less light rounding and noise would be left."""
SUPPORT = 4
"""Side of the pixel blocks whose mean light counts as seen in a neighbourhood."""
NEAR = 3
"""Blocks of a neighbourhood, across and down."""
BRIGHTNESS = 8
"""Side in pixels of the blocks in which brightness is kept where haze is not lifted."""


class HazeLift(nn.Module):
    """Predicts what lifting the haze adds to a view. Predicts zero until it is trained.

    Args:
        channels: of the decoder's last features.
        fold: side of the pixel block that these stand for.
    """

    def __init__(self, channels: int, fold: int) -> None:
        super().__init__()
        self.fold = fold
        self.gain = nn.Conv2d(channels, 3, 3, padding=1)
        self.offset = nn.Conv2d(channels, 3 * fold**2, 1)
        self.unfold = nn.PixelShuffle(fold)
        for predict in (self.gain, self.offset):
            be_zero(predict)

    def forward(self, hazy: Tensor, features: Tensor, tone: Tone | None = None) -> Tensor:
        """Return what to add to a view.

        Args:
            hazy: the view without what falls, `[B,3,H,W]`.
            features: the decoder's last, `[B,C,H/fold,W/fold]`.
            tone: what standardisation took off the view. Gain and offset are those of the
                standardised view.
        """
        gain = self.gain(features).to(hazy.dtype).clamp(SMALLEST_GAIN, LARGEST_GAIN)
        if self.fold > 1:
            gain = F.interpolate(gain, scale_factor=self.fold, mode="bilinear", align_corners=False)
        offset: Tensor = self.unfold(self.offset(features)).to(hazy.dtype)
        if tone is None:
            lift: Tensor = hazy * gain - offset
        else:
            lift = torch.addcmul((hazy + tone.shift) * gain, offset, -tone.scale)
        return lift


def supported(lift: Tensor, hazy: Tensor) -> Tensor:
    """Bound what is added to a hazy view by what the view supports.

    Airlight is part of all that is seen, so no more can be taken off than the darkest place of the
    neighbourhood shows; and nothing is raised by more than its brightest place lacks to white.

    Args:
        lift, hazy: `[B,3,H,W]`, the view in [0, 1], H and W multiples of 4.
    """
    blocks = F.avg_pool2d(hazy, SUPPORT).clamp(0, 1)
    darkest = -F.max_pool2d(-blocks, NEAR, 1, NEAR // 2)
    brightest = F.max_pool2d(blocks, NEAR, 1, NEAR // 2)
    least, most = (_over_blocks(each, SUPPORT) for each in (-darkest, 1 - brightest))
    return lift.clamp(least, most)


def brightness(view: Tensor) -> Tensor:
    """Return the brightness field of a view `[B,3,H,W]`: the view without its finer detail."""
    blocks = F.avg_pool2d(view, BRIGHTNESS, ceil_mode=True, count_include_pad=False)
    height, width = view.shape[-2:]
    return _over_blocks(blocks, BRIGHTNESS)[..., :height, :width]


def _over_blocks(blocks: Tensor, side: int) -> Tensor:
    return F.interpolate(blocks, scale_factor=side, mode="bilinear", align_corners=False)
