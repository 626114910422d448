"""The APANet U-net on a rectified stereo pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from apanet_core.errors import ImageError
from apanet_core.imaging.padding import pad_to_multiple
from apanet_core.network.blocks import BasicBlock, Downsample, Level, Upsample
from apanet_core.network.config import MINIMUM_SIDE, ApanetConfig
from apanet_core.network.global_context import GlobalContext
from apanet_core.network.haze import HazeLift, brightness, supported
from apanet_core.network.standardisation import Tone, tone_of


class FeatureTaps(NamedTuple):
    """The features that distillation compares, each a (left, right) pair.

    Attributes:
        encoder: output of the first encoder level, `[B,C,H',W']`.
        decoder: output of the last decoder level, `[B,2C,H',W']`.
    """

    encoder: tuple[Tensor, Tensor]
    decoder: tuple[Tensor, Tensor]

    def float(self) -> FeatureTaps:
        """Return them as float32."""
        (a, b), (c, d) = self
        return FeatureTaps((a.float(), b.float()), (c.float(), d.float()))


class Analysis(NamedTuple):
    """What the network makes out in a pair; (left, right) pairs of `[B,3,H,W]`, RGB.

    Attributes:
        clean: without what falls and without the haze.
        hazy: without what falls, streaks and drops; the haze is left. The same as `clean` where
            the network does not tell them apart.
        taps: features.
    """

    clean: tuple[Tensor, Tensor]
    hazy: tuple[Tensor, Tensor]
    taps: FeatureTaps


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
        decoded = [2 * widths[0], *widths[1:-1]]
        self.context = (
            GlobalContext(widths[-1], decoded, config.standardise) if config.haze else None
        )
        self.haze_lift = HazeLift(2 * config.width, config.stem_fold) if config.haze else None

    def forward(
        self, left: Tensor, right: Tensor, veil_removal: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Return the derained pair.

        Args:
            left, right: RGB float `[B,3,H,W]` in [0, 1], rectified, H and W from 16 up.
            veil_removal: how much of the haze is lifted, 0 to 1. At 0 what falls is taken off
                and the brightness field stays the input's. Below 1 only where `config.haze`.

        Returns:
            The same shapes; values may leave [0, 1] slightly.

        Raises:
            ImageError: the views differ in shape, or are not `[B,3,H,W]` of at least 16 x 16.
        """
        found = self.analyse(left, right)
        if veil_removal == 1:
            return found.clean
        left, right = (
            torch.lerp(veiled, clean, veil_removal)
            for veiled, clean in zip(veiled_views((left, right), found), found.clean, strict=True)
        )
        return left, right

    def analyse(self, left: Tensor, right: Tensor) -> Analysis:
        """Tell apart what falls, the haze and the scene; arguments and errors as `forward`."""
        _check_pair(left, right)
        height, width = left.shape[-2:]
        views = [pad_to_multiple(view, self.config.multiple) for view in (left, right)]
        tones = [tone_of(view) if self.config.standardise else None for view in views]
        levels = self._encode(*(_standardised(*each) for each in zip(views, tones, strict=True)))
        decoded = self._decode(levels, tones)
        (hazy_left, left), (hazy_right, right) = (
            (view[..., :height, :width] for view in self._derained(*each))
            for each in zip(views, tones, decoded, strict=True)
        )
        taps = FeatureTaps(levels[0], decoded)
        return Analysis((left, right), (hazy_left, hazy_right), taps)

    def forward_with_taps(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor, FeatureTaps]:
        """As `forward`, and the features that distillation compares."""
        found = self.analyse(left, right)
        return *found.clean, found.taps

    def encode(self, left: Tensor, right: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return the features of every encoder level and, last, of the latent level.

        Args:
            left, right: as `forward` takes them.

        Returns:
            For level `k` (from 0) a (left, right) pair of `[B, C * 2**k, H' / 2**k, W' / 2**k]`,
            where H' and W' are the padded sides over `stem_fold`.

        Raises:
            ImageError: as `forward`.
        """
        _check_pair(left, right)
        views = [pad_to_multiple(view, self.config.multiple) for view in (left, right)]
        tones = [tone_of(view) if self.config.standardise else None for view in views]
        return self._encode(*(_standardised(*each) for each in zip(views, tones, strict=True)))

    def skip_negligible_attention(self) -> int:
        """Leave out external attention that provably leaves no trace; see `eam.NEGLIGIBLE`.

        For inference: the weights must not change afterwards.

        Returns:
            The number of blocks in which it is left out.
        """
        modules = (module for module in self.modules() if isinstance(module, BasicBlock))
        return sum(block.eam.skip_negligible_attention() for block in modules)

    def _embed(self, image: Tensor) -> Tensor:
        # With channels last, pixels are contiguous vectors: attention and normalisation then need
        # no copies.
        # Weights of half precision take the image so; the rain is taken off in the image's own.
        folded = self.fold(image.to(self.stem.weight.dtype))
        folded = folded.contiguous(memory_format=torch.channels_last)
        features: Tensor = self.stem(folded)
        return features

    def _derained(self, view: Tensor, tone: Tone | None, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return a view without what falls, and without the haze as well."""
        falling: Tensor = self.unfold(self.head(features)).to(view.dtype)
        hazy = view + falling if tone is None else torch.addcmul(view, falling, tone.scale)
        if self.haze_lift is None:
            return hazy, hazy
        return hazy, hazy + supported(self.haze_lift(hazy, features, tone), hazy)

    def _encode(self, left: Tensor, right: Tensor) -> list[tuple[Tensor, Tensor]]:
        left, right = self._embed(left), self._embed(right)
        levels = []
        for encoder, down in zip(self.encoder, self.down, strict=True):
            left, right = encoder(left, right)
            levels.append((left, right))
            left, right = down(left), down(right)
        return [*levels, self.latent(left, right)]

    def _decode(
        self, levels: list[tuple[Tensor, Tensor]], tones: Sequence[Tone | None]
    ) -> tuple[Tensor, Tensor]:
        *skips, (left, right) = levels
        modulate = None if self.context is None else self.context(left, right, tones)
        for level in reversed(range(len(skips))):
            left, right = (
                self.reduce[level](torch.cat([self.up[level](view), skip], dim=1))
                for view, skip in zip((left, right), skips[level], strict=True)
            )
            if modulate is not None:
                left, right = modulate[0](level, left), modulate[1](level, right)
            left, right = self.decoder[level](left, right)
        return left, right


def _standardised(view: Tensor, tone: Tone | None) -> Tensor:
    return view if tone is None else tone.standardised(view)


def veiled_views(rainy: tuple[Tensor, Tensor], found: Analysis) -> tuple[Tensor, Tensor]:
    """Return the views without what falls, whose brightness field stays the rainy ones'.

    What falls brightens a picture as a veil does; that goes with the veil.
    """
    left, right = (
        hazy + brightness(view - hazy) for view, hazy in zip(rainy, found.hazy, strict=True)
    )
    return left, right


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
