"""A second look at each derained view, at a finer resolution; our own variants have it.

A streak is one or two pixels wide. Where the stem folds 4 x 4 pixels into channels, what is left of
dense streaks lies below what its few channels per pixel can tell apart.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from apanet_core.network.initialisation import be_zero

CHANNELS = 32
FINE_FOLD = 2
"""Side of the pixel block that is folded into channels here, where the stem does not fold less."""


class Refinement(nn.Module):
    """Predicts what is still wrong with a derained view. Predicts zero until it is trained.

    Args:
        features: channels of the decoder's last features.
        stem_fold: side of the pixel block that these stand for.
        blocks: residual blocks of two 3 x 3 convolutions each.
    """

    def __init__(self, features: int, stem_fold: int, blocks: int) -> None:
        super().__init__()
        fold = min(FINE_FOLD, stem_fold)
        finer = stem_fold // fold
        self.fold = nn.PixelUnshuffle(fold)
        self.hand_up = nn.Conv2d(features, CHANNELS // 2 * finer**2, 1)
        self.finer = nn.PixelShuffle(finer)
        self.begin = nn.Conv2d(2 * 3 * fold**2 + CHANNELS // 2, CHANNELS, 3, padding=1)
        self.blocks = nn.ModuleList(_ResidualBlock(CHANNELS) for _ in range(blocks))
        self.end = nn.Conv2d(CHANNELS, 3 * fold**2, 3, padding=1)
        be_zero(self.end)
        self.unfold = nn.PixelShuffle(fold)

    def forward(self, rainy: Tensor, derained: Tensor, features: Tensor) -> Tensor:
        """Return what to add to the derained view.

        Args:
            rainy, derained: `[B,3,H,W]`, H and W multiples of `stem_fold`.
            features: the decoder's last, `[B,C,H/stem_fold,W/stem_fold]`.

        Returns:
            `[B,3,H,W]` of the derained view's dtype.
        """
        seen = self.begin(self._gathered(rainy, derained, features))
        for block in self.blocks:
            seen = block(seen)
        correction: Tensor = self.unfold(self.end(seen)).to(derained.dtype)
        return correction

    def _gathered(self, rainy: Tensor, derained: Tensor, features: Tensor) -> Tensor:
        """Return both views and what the decoder tells of them, at the finer resolution."""
        views = self.fold(torch.cat([rainy, derained], dim=1).to(features.dtype))
        told = self.finer(self.hand_up(features))
        return torch.cat([views, told], dim=1).contiguous(memory_format=torch.channels_last)


class _ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        be_zero(self.second)

    def forward(self, features: Tensor) -> Tensor:
        changed: Tensor = features + self.second(gelu(self.first(features)))
        return changed
