"""A street at night: dim, with lamps, before whose light rain is seen."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from apanet_core.imaging.types import ByteImage, FloatMap, ViewPair

MOST_LAMPS = 5
LARGEST_DISPARITY_PX = 30
DARKEST = 0.08
"""Light that falls everywhere, over that at a lamp."""


class Lamp(NamedTuple):
    """One lamp.

    Attributes:
        column, row: in the left view, pixels.
        reach: how far its glow is seen, pixels.
        disparity: pixels.
    """

    column: float
    row: float
    reach: float
    disparity: float


def at_night(
    pair: ViewPair, generator: np.random.Generator
) -> tuple[ViewPair, tuple[FloatMap, FloatMap]]:
    """Let night fall on a pair: dim it, and light one to five lamps that both views see.

    Args:
        pair: uint8 RGB `[H,W,3]` twice; left as they are.
        generator: source of all randomness.

    Returns:
        The dim pair with its lamps, uint8 RGB `[H,W,3]` twice, and how brightly what falls before
        each view is lit, float32 `[H,W]`, `DARKEST` to 1.
    """
    gain, gamma = generator.uniform(0.15, 0.6), generator.uniform(1.0, 1.6)
    dimmed = np.linspace(0, 1, 256, dtype=np.float32) ** np.float32(gamma) * np.float32(gain)
    shape = (pair[0].shape[0], pair[0].shape[1])
    lamps = [_draw_lamp(*shape, generator) for _ in range(generator.integers(1, MOST_LAMPS + 1))]
    warm = np.array([1.0, generator.uniform(0.8, 1.0), generator.uniform(0.55, 1.0)], np.float32)
    glows = [_glow_of_all(shape, lamps, view) for view in range(2)]
    left, right = (_lit(dimmed[view], glow, warm) for view, glow in zip(pair, glows, strict=True))
    near_left, near_right = (
        np.asarray(DARKEST + (1 - DARKEST) * glow, np.float32) for glow in glows
    )
    return (left, right), (near_left, near_right)


def _draw_lamp(height: int, width: int, generator: np.random.Generator) -> Lamp:
    return Lamp(
        column=generator.uniform(0, width),
        row=generator.uniform(0, 0.6 * height),
        reach=generator.uniform(0.05, 0.3) * height,
        disparity=generator.uniform(1, LARGEST_DISPARITY_PX),
    )


def _glow_of_all(shape: tuple[int, int], lamps: list[Lamp], view: int) -> FloatMap:
    """Return how brightly the lamps shine in the left (0) or right (1) view, 0 to 1."""
    glow = reduce(np.add, (_glow(shape, lamp, view) for lamp in lamps))
    return np.asarray(np.clip(glow, 0, 1), np.float32)


def _glow(shape: tuple[int, int], lamp: Lamp, view: int) -> FloatMap:
    height, width = shape
    x = np.arange(width, dtype=np.float32)[None] - np.float32(lamp.column - view * lamp.disparity)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(lamp.row)
    core = np.float32((0.4 * lamp.reach) ** 2)
    return np.asarray(1 / (1 + (x * x + y * y) / core) ** 1.5, np.float32)


def _lit(dim: FloatMap, glow: FloatMap, warm: FloatMap) -> ByteImage:
    """Return a dim view, float32 `[H,W,3]`, with what lamps of a colour, `[3]`, add to it."""
    glow = glow[..., None]
    light = dim * (1 + 2 * glow) + glow**3 * warm
    return np.asarray(np.rint(light.clip(0, 1) * 255), np.uint8)
