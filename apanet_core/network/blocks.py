"""The basic block and the changes of resolution between levels."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from apanet_core.network.apam import ParallaxAttentionModule
from apanet_core.network.config import ApanetConfig
from apanet_core.network.eam import ExternalAttentionModule
from apanet_core.network.strips import Strip, strip_rows, strips_of


class BasicBlock(nn.Module):
    """EAM with shared weights on each view, then APAM across the views (where the level has it).

    Attributes:
        may_cut: whether large features may be computed in strips.
    """

    def __init__(self, channels: int, level: int, config: ApanetConfig) -> None:
        super().__init__()
        self.may_cut = True
        self.eam = ExternalAttentionModule(
            channels, config.memory_size[level], config.ffn_expansion, config.memory_eps
        )
        self.apam = (
            ParallaxAttentionModule(
                channels, config.parallax_mask, config.reach(level), config.parallax_gate
            )
            if config.parallax[level]
            else None
        )

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        rows = strip_rows(left)
        if self.may_cut and rows < left.shape[-2]:
            return self._in_strips(left, right, rows)
        return self._across(self.eam(left), self.eam(right))

    def _across(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Let the views, or some rows of them, learn from each other."""
        if self.apam is None:
            return left, right
        return cast("tuple[Tensor, Tensor]", self.apam(left, right))

    def _in_strips(self, left: Tensor, right: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """Compute the same from a few rows at a time, whose numbers stay in the cache."""
        strips = list(strips_of(left.shape[-2], rows))
        total = None if self.eam.attention_negligible else self._total(left, right, strips)
        derived = torch.empty_like(left), torch.empty_like(right)
        for strip in strips:
            views = torch.cat([left[:, :, strip.seen], right[:, :, strip.seen]])
            seen = self.eam(views, total)[:, :, strip.kept_of_seen]
            for whole, part in zip(derived, self._across(*seen.chunk(2)), strict=True):
                whole[:, :, strip.kept] = part
        return derived

    def _total(self, left: Tensor, right: Tensor, strips: list[Strip]) -> Tensor:
        """Return what external attention needs to know of all pixels, for both views."""
        totals = [
            self.eam.total(torch.cat([left[:, :, strip.kept], right[:, :, strip.kept]]))
            for strip in strips
        ]
        return torch.stack(totals).logsumexp(dim=0)


class Level(nn.ModuleList):
    """The basic blocks of one level, in a row."""

    def __init__(self, channels: int, level: int, config: ApanetConfig) -> None:
        super().__init__(BasicBlock(channels, level, config) for _ in range(config.blocks[level]))

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        for block in self:
            left, right = block(left, right)
        return left, right


class Downsample(nn.Sequential):
    """`[B,C,H,W]` to `[B,2C,H/2,W/2]`."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            nn.Conv2d(channels, channels // 2, 3, padding=1, bias=False), nn.PixelUnshuffle(2)
        )


class Upsample(nn.Sequential):
    """`[B,C,H,W]` to `[B,C/2,2H,2W]`."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            nn.Conv2d(channels, channels * 2, 3, padding=1, bias=False), nn.PixelShuffle(2)
        )
