"""A street at night: dim, with lamps, before whose light rain is seen."""

from __future__ import annotations

import cv2
import numpy as np

from apanet_core.imaging.types import FloatMap, ViewPair

MOST_LAMPS = 6
LARGEST_DISPARITY_PX = 30
DARKEST = 0.08
"""Light that falls everywhere, over that at a lamp."""


def at_night(pair: ViewPair, generator: np.random.Generator) -> tuple[ViewPair, list[FloatMap]]:
    """Let night fall on a pair.

    Args:
        pair: uint8 RGB `[H,W,3]` twice.
        generator: source of all randomness.

    Returns:
        The dim pair with its lamps, and of each view how brightly it is lit, float32 `[H,W]`, 0
        to 1.
    """
    gain, gamma = generator.uniform(0.15, 0.6), generator.uniform(1.0, 1.6)
    table = np.linspace(0, 1, 256, dtype=np.float32) ** np.float32(gamma) * np.float32(gain)
    height, width = pair[0].shape[:2]
    lamps = [_draw_lamp(height, width, generator) for _ in range(generator.integers(1, MOST_LAMPS))]
    glows = [sum(_glow(height, width, lamp, view) for lamp in lamps) for view in range(2)]
    glows = [np.clip(glow, 0, 1) for glow in glows]
    warm = np.array([1.0, generator.uniform(0.8, 1.0), generator.uniform(0.55, 1.0)], np.float32)
    views = []
    for picture, glow in zip(pair, glows, strict=True):
        lit = cv2.LUT(picture, table) * (1 + 2 * glow[..., None]) + (glow[..., None] ** 3) * warm
        views.append(np.asarray(np.rint(lit.clip(0, 1) * 255), np.uint8))
    light = [np.asarray(DARKEST + (1 - DARKEST) * glow, np.float32) for glow in glows]
    return (views[0], views[1]), light


def _draw_lamp(
    height: int, width: int, generator: np.random.Generator
) -> tuple[float, float, float, float]:
    """Draw column, row, reach and disparity of a lamp, pixels."""
    column, row = generator.uniform(0, width), generator.uniform(0, 0.6 * height)
    return (
        column,
        row,
        generator.uniform(0.05, 0.3) * height,
        generator.uniform(1, LARGEST_DISPARITY_PX),
    )


def _glow(height: int, width: int, lamp: tuple[float, float, float, float], view: int) -> FloatMap:
    column, row, reach, disparity = lamp
    x = np.arange(width, dtype=np.float32)[None] - np.float32(column - view * disparity)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(row)
    return np.asarray(1 / (1 + (x * x + y * y) / np.float32((0.4 * reach) ** 2)) ** 1.5, np.float32)
