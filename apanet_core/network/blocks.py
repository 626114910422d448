"""The basic block and the changes of resolution between levels."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from apanet_core.network.apam import ParallaxAttentionModule
from apanet_core.network.config import ApanetConfig
from apanet_core.network.eam import ExternalAttentionModule


class BasicBlock(nn.Module):
    """EAM with shared weights on each view, then APAM across the views (where the level has it)."""

    def __init__(self, channels: int, level: int, config: ApanetConfig) -> None:
        super().__init__()
        self.eam = ExternalAttentionModule(
            channels, config.memory_size[level], config.ffn_expansion, config.memory_eps
        )
        self.apam = (
            ParallaxAttentionModule(channels, config.parallax_mask, config.reach(level))
            if config.parallax[level]
            else None
        )

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        left, right = self.eam(left), self.eam(right)
        if self.apam is None:
            return left, right
        return cast("tuple[Tensor, Tensor]", self.apam(left, right))


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
