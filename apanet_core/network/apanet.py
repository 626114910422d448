"""The APANet U-net on a rectified stereo pair."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from apanet_core.errors import ImageError
from apanet_core.imaging.padding import pad_to_multiple
from apanet_core.network.blocks import Downsample, Level, Upsample
from apanet_core.network.config import MINIMUM_SIDE, ApanetConfig


class FeatureTaps(NamedTuple):
    """The features that distillation compares, each a (left, right) pair.

    Attributes:
        encoder: output of the first encoder level, `[B,C,H',W']`.
        decoder: output of the last decoder level, `[B,2C,H',W']`.
    """

    encoder: tuple[Tensor, Tensor]
    decoder: tuple[Tensor, Tensor]


class APANet(nn.Module):
    """Derain a rectified stereo pair.

    Encoder levels of `C, 2C, 4C, ...` channels, a latent level, and a mirrored decoder whose last
    level keeps `2C` channels. Both views pass through the same weights except inside APAM.
    """

    def __init__(self, config: ApanetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config if config is not None else ApanetConfig()
        widths = [config.width * 2**level for level in range(len(config.blocks))]
        above = range(len(widths) - 1)
        image_channels = 3 * config.stem_fold**2

        self.fold = nn.PixelUnshuffle(config.stem_fold)
        self.stem = nn.Conv2d(image_channels, config.width, 3, padding=1)
        self.encoder = nn.ModuleList(Level(widths[level], level, config) for level in above)
        self.down = nn.ModuleList(Downsample(widths[level]) for level in above)
        self.latent = Level(widths[-1], len(widths) - 1, config)
        self.up = nn.ModuleList(Upsample(widths[level + 1]) for level in above)
        # The first level keeps both halves of its concatenation; the others go back to their width.
        self.reduce = nn.ModuleList(
            nn.Conv2d(2 * widths[level], widths[level], 1) if level > 0 else nn.Identity()
            for level in above
        )
        self.decoder = nn.ModuleList(
            Level(widths[level] if level > 0 else 2 * widths[0], level, config) for level in above
        )
        self.head = nn.Conv2d(2 * config.width, image_channels, 3, padding=1)
        self.unfold = nn.PixelShuffle(config.stem_fold)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Return the derained pair.

        Args:
            left, right: RGB float `[B,3,H,W]` in [0, 1], rectified, H and W from 16 up.

        Returns:
            The same shapes; values may leave [0, 1] slightly.

        Raises:
            ImageError: the views differ in shape, or are not `[B,3,H,W]` of at least 16 x 16.
        """
        left, right, _ = self.forward_with_taps(left, right)
        return left, right

    def forward_with_taps(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor, FeatureTaps]:
        """As `forward`, and the features that distillation compares."""
        _check_pair(left, right)
        height, width = left.shape[-2:]
        left, right = (pad_to_multiple(view, self.config.multiple) for view in (left, right))
        encoded, decoded = self._features(self._embed(left), self._embed(right))
        left = (left + self._rain(decoded[0]))[..., :height, :width]
        right = (right + self._rain(decoded[1]))[..., :height, :width]
        return left, right, FeatureTaps(encoded, decoded)

    def _embed(self, image: Tensor) -> Tensor:
        # With channels last, pixels are contiguous vectors: attention and normalisation then need
        # no copies.
        folded = self.fold(image).contiguous(memory_format=torch.channels_last)
        features: Tensor = self.stem(folded)
        return features

    def _rain(self, features: Tensor) -> Tensor:
        """Return what to add to the image: minus the rain."""
        residual: Tensor = self.unfold(self.head(features))
        return residual

    def _features(
        self, left: Tensor, right: Tensor
    ) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        skips = []
        for encoder, down in zip(self.encoder, self.down, strict=True):
            left, right = encoder(left, right)
            skips.append((left, right))
            left, right = down(left), down(right)
        left, right = self.latent(left, right)
        for level in reversed(range(len(skips))):
            left, right = (
                self.reduce[level](torch.cat([self.up[level](view), skip], dim=1))
                for view, skip in zip((left, right), skips[level], strict=True)
            )
            left, right = self.decoder[level](left, right)
        return skips[0], (left, right)


def _check_pair(left: Tensor, right: Tensor) -> None:
    if left.shape != right.shape:
        raise ImageError(
            f"The views differ in shape: left {tuple(left.shape)}, right {tuple(right.shape)}."
        )
    if left.ndim != 4 or left.shape[1] != 3 or min(left.shape[-2:]) < MINIMUM_SIDE:
        raise ImageError(
            f"APANet takes [B,3,H,W] with H and W of at least {MINIMUM_SIDE}, "
            f"got {tuple(left.shape)}."
        )
