"""Posts, poles, wires and railings for clean scenes, so that no network takes them for streaks."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.imaging.disparity import right_disparity
from apanet_core.imaging.types import ByteImage, FloatMap, ViewPair

RAILING_SHARE = 0.3
"""Share of draws that are one railing; all others are things that stand by themselves."""
WIRE_SHARE = 0.2
"""Share of those that are wires across the view; all others are posts and poles."""
MOST = 8
WIDTHS_PX = (1.0, 6.0)
DISPARITIES_PX = (2.0, 60.0)
SUBPIXEL_BITS = 4

Point = tuple[float, float]
"""Column and row, pixels; may be outside of the picture."""


class ThinStructure(NamedTuple):
    """A straight thing before the scene.

    Attributes:
        ends: in the left view.
        disparity: pixels: the right view shows it so much farther left.
        color: RGB, 0 to 255.
        width: pixels.
    """

    ends: tuple[Point, Point]
    disparity: float
    color: tuple[int, int, int]
    width: float


def add_thin_structures(
    pair: ViewPair, disparity: FloatMap, generator: np.random.Generator
) -> tuple[ViewPair, FloatMap]:
    """Stand thin upright things, and span some wires, before what is farther in a clean pair.

    Args:
        pair: uint8 RGB `[H,W,3]` twice; left as they are.
        disparity: of the left view, float32 `[H,W]`, pixels, without holes.
        generator: source of all randomness.

    Returns:
        The pair with them, uint8 RGB `[H,W,3]` twice, and its disparity, float32 `[H,W]`, pixels.
    """
    height, width = disparity.shape
    structures = draw_structures(height, width, generator)
    left, near = _with_all(structures, pair[0], disparity, 0)
    right, _ = _with_all(structures, pair[1], right_disparity(disparity), 1)
    return (left, right), near


def draw_structures(height: int, width: int, generator: np.random.Generator) -> list[ThinStructure]:
    """Draw 1 to `MOST` thin structures for views of `height` by `width` pixels."""
    is_railing = generator.random() < RAILING_SHARE
    paint = _draw_paint(generator)
    column, step = generator.uniform(0, width), generator.uniform(8, 40)
    foot, rise = generator.uniform(0.4, 1.1) * height, generator.uniform(0.15, 1.0) * height
    count = int(generator.integers(1, MOST + 1))
    if not is_railing:
        return [_draw_single(height, width, generator) for _ in range(count)]
    disparity = generator.uniform(*DISPARITIES_PX)
    bars = (column + number * step for number in range(count))
    return [ThinStructure(((bar, foot), (bar, foot - rise)), disparity, *paint) for bar in bars]


def _draw_single(height: int, width: int, generator: np.random.Generator) -> ThinStructure:
    """Draw a post that leans a little, or a wire."""
    paint = _draw_paint(generator)
    column = generator.uniform(0, width)
    foot, rise = generator.uniform(0.3, 1.1) * height, generator.uniform(0.1, 1.0) * height
    disparity, lean = generator.uniform(*DISPARITIES_PX), generator.normal(0, 0.03)
    ends = ((column, foot), (column + lean * rise, foot - rise))
    if generator.random() < WIRE_SHARE:
        sag = generator.normal(0, 30)
        # As far beyond the left view as the right one sees.
        beyond = 1 + disparity / width
        ends = ((0.0, foot - rise), (beyond * width, foot - rise + beyond * sag))
    return ThinStructure(ends, disparity, *paint)


def _draw_paint(generator: np.random.Generator) -> tuple[tuple[int, int, int], float]:
    """Draw colour and width: grey, dark or bright; thin ones more often."""
    grey = generator.choice([generator.uniform(5, 80), generator.uniform(130, 245)])
    red, green, blue = np.clip(grey + generator.normal(0, 10, 3), 0, 255).astype(int).tolist()
    return (red, green, blue), float(np.exp(generator.uniform(*np.log(WIDTHS_PX))))


def _with_all(
    structures: list[ThinStructure], view: ByteImage, disparity: FloatMap, number: int
) -> tuple[ByteImage, FloatMap]:
    """Return the left (0) or right (1) view and its disparity with the structures in them."""
    for structure in structures:
        # What is nearer than a structure stays before it.
        hidden = disparity > structure.disparity
        drawn = view.copy()
        _draw_line(drawn, structure, number, structure.color)
        view = np.where(hidden[..., None], view, drawn)
        covered = np.zeros(disparity.shape, np.uint8)
        _draw_line(covered, structure, number, (255,))
        there = (covered > 127) & ~hidden
        disparity = np.where(there, np.float32(structure.disparity), disparity)
    return view, disparity


def _draw_line(
    picture: NDArray[np.uint8], structure: ThinStructure, view: int, color: tuple[int, ...]
) -> None:
    scale = 2**SUBPIXEL_BITS
    shift = view * structure.disparity
    first, last = (
        (round((column - shift) * scale), round(row * scale)) for column, row in structure.ends
    )
    thickness = max(1, round(structure.width))
    cv2.line(picture, first, last, color, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
