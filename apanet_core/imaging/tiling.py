"""Overlapping tiles and their blending, as the paper's evaluation cuts pictures.

Whole pictures are the better choice: parallax attention then sees whole rows. Tiles reproduce
published figures, and bound the memory that a large picture takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from apanet_core.errors import ConfigError
from apanet_core.imaging.padding import pad_to_multiple

DerainPair = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Derains a left and a right float `[B,3,H,W]`."""


@dataclass(frozen=True)
class Tiling:
    """How a picture is cut; the defaults are the paper's.

    Attributes:
        tile: side of a tile in pixels, a multiple of `multiple`.
        overlap: pixels that neighbouring tiles share at least.
        multiple: both sides of the picture are padded to a multiple of this before it is cut.
        batch: tiles that are derained at once: memory against speed, with the same result.

    Raises:
        ConfigError: the four do not fit each other.
    """

    tile: int = 320
    overlap: int = 60
    multiple: int = 32
    batch: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.tile or self.tile % self.multiple or self.batch < 1:
            raise ConfigError(
                f"A tile of {self.tile} px must be a multiple of {self.multiple} px, exceed its "
                f"overlap of {self.overlap} px, and batches hold 1 or more, got {self.batch}."
            )


def derain_tiled(derain: DerainPair, left: Tensor, right: Tensor, tiling: Tiling) -> list[Tensor]:
    """Derain a pair tile by tile and blend the tiles.

    Args:
        derain: the network.
        left, right: float `[1,3,H,W]` in [0, 1].
        tiling: how they are cut. A picture smaller than a tile is one tile.

    Returns:
        Left and right, float `[1,3,H,W]`, clipped to [0, 1].
    """
    height, width = left.shape[-2:]
    pair = torch.cat([left, right])
    padded = pad_to_multiple(pair, tiling.multiple)
    tile = [min(side, tiling.tile) for side in padded.shape[-2:]]
    windows = [
        (slice(top, top + tile[0]), slice(start, start + tile[1]))
        for top in tile_starts(padded.shape[-2], tile[0], tiling.overlap)
        for start in tile_starts(padded.shape[-1], tile[1], tiling.overlap)
    ]
    weights = blend_weights(tile[0], tile[1]).to(padded)
    total = torch.zeros_like(padded)
    weight = torch.zeros_like(padded[:1, :1])
    for first in range(0, len(windows), tiling.batch):
        chosen = windows[first : first + tiling.batch]
        views = torch.stack([padded[:, :, rows, columns] for rows, columns in chosen], dim=1)
        for (rows, columns), tiles in zip(
            chosen, torch.stack(derain(*views)).unbind(1), strict=True
        ):
            total[:, :, rows, columns] += weights * tiles
            weight[:, :, rows, columns] += weights
    blended = (total / weight).clamp(0, 1)[..., :height, :width]
    return [blended[:1], blended[1:]]


def tile_starts(length: int, tile: int, overlap: int) -> list[int]:
    """Return where tiles begin along one side; the last one lies flush with the border."""
    last = length - tile
    return [*range(0, last, tile - overlap), last]


def blend_weights(height: int, width: int) -> Tensor:
    """Return float32 `[H,W]`: `1 / sqrt(squared distance to the tile's centre + 1e-3)`.

    The centre of a side of `n` pixels is `n / 2`, a pixel of its own where `n` is even.
    """
    rows, columns = (torch.arange(side, dtype=torch.float32) - side / 2 for side in (height, width))
    return 1 / torch.sqrt(rows[:, None] ** 2 + columns[None, :] ** 2 + 1e-3)
