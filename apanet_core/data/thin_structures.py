"""Posts, poles, wires and railings for clean scenes, so that no network takes them for streaks."""

from __future__ import annotations

import cv2
import numpy as np

from apanet_core.imaging.types import FloatMap, ViewPair

WIDTHS_PX = (1.0, 6.0)
MOST = 8
SUBPIXEL_BITS = 4


def add_thin_structures(
    pair: ViewPair, disparity: FloatMap, generator: np.random.Generator
) -> tuple[ViewPair, FloatMap]:
    """Stand thin upright things, and span some wires, before what is farther in a clean pair.

    Args:
        pair: uint8 RGB `[H,W,3]` twice.
        disparity: of the left view, float32 `[H,W]`, pixels.
        generator: source of all randomness.

    Returns:
        The pair with them, and its disparity.
    """
    views, near = [view.copy() for view in pair], disparity.copy()
    height, width = near.shape
    railing = generator.random() < 0.3
    shared = _draw_look(generator)
    first, step = generator.uniform(0, width), generator.uniform(8, 40)
    foot, rise = generator.uniform(0.4, 1.1) * height, generator.uniform(0.15, 1.0) * height
    for number in range(int(generator.integers(1, MOST + 1))):
        color, thick = shared if railing else _draw_look(generator)
        if railing:
            column = first + number * step
        else:
            column = generator.uniform(0, width)
            foot, rise = generator.uniform(0.3, 1.1) * height, generator.uniform(0.1, 1) * height
        shift = generator.uniform(2, 60) if not (railing and number) else shift
        lean = 0.0 if railing else generator.normal(0, 0.03)
        if not railing and generator.random() < 0.2:  # a wire
            ends = ((0.0, foot - rise), (float(width), foot - rise + generator.normal(0, 30)))
        else:
            ends = ((column, foot), (column + lean * rise, foot - rise))
        for view, offset in zip(views, (0.0, shift), strict=True):
            _draw_line(view, ends, offset, color, thick)
        mask = np.zeros((height, width), np.uint8)
        _draw_line(mask, ends, 0.0, (255, 255, 255), thick)
        near = np.where(mask > 127, np.maximum(near, np.float32(shift)), near)
    return (views[0], views[1]), near


def _draw_look(generator: np.random.Generator) -> tuple[tuple[int, int, int], float]:
    """Draw colour and width: grey, mostly dark or bright."""
    grey = generator.choice([generator.uniform(5, 80), generator.uniform(130, 245)])
    red, green, blue = np.clip(grey + generator.normal(0, 10, 3), 0, 255).astype(int).tolist()
    return (red, green, blue), float(np.exp(generator.uniform(*np.log(WIDTHS_PX))))


def _draw_line(
    picture: np.ndarray,
    ends: tuple[tuple[float, float], tuple[float, float]],
    offset: float,
    color: tuple[int, int, int],
    thick: float,
) -> None:
    scale = 2**SUBPIXEL_BITS
    (x1, y1), (x2, y2) = ends
    first, last = ((round((x - offset) * scale), round(y * scale)) for x, y in ((x1, y1), (x2, y2)))
    cv2.line(picture, first, last, color, max(1, round(thick)), cv2.LINE_AA, SUBPIXEL_BITS)
