"""The streaks that each view records of falling drops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.rain.drops import NEAR_M, Drops, RainSpace

Floats = NDArray[np.float32]
View = Literal["left", "right"]

LENS_SIGMA_PX = 0.5
"""Blur of the lens and the pixel grid, which even the thinnest streak shows."""
SAMPLE_SPACING_PX = 0.6
REFERENCE_PATH_M = 0.1
"""A streak of this length has the weather's opacity: a drop of 1.8 mm, exposed for 1/60 s."""
SHORTEST_PATH = 0.25
"""Streaks shorter than this share of it get no more opaque."""
MOST_OPAQUE = 0.95


@dataclass(frozen=True)
class Streaks:
    """The paths of N drops over one exposure.

    Attributes:
        start, end: float32 `[N,3]`: column and row in the left view, and disparity, in pixels.
        sigma: float32 `[N]`, half width of the streak as a Gaussian's sigma, pixels.
        opacity: float32 `[N]`, of the streak's core, 0 to 1.
        brightness: float32 `[N]`, of the drop relative to the weather's streak light.
        shimmer: float32 `[N,2]`, cycles and phase of the drop's oscillation along its streak.
    """

    start: Floats
    end: Floats
    sigma: Floats
    opacity: Floats
    brightness: Floats
    shimmer: Floats


def expose(drops: Drops, space: RainSpace) -> Streaks:
    """Let drops fall for one exposure before both cameras."""
    depth = drops.position[:, 2]
    end = drops.position + drops.velocity * space.weather.exposure_s
    end[:, 2] = np.maximum(end[:, 2], NEAR_M / 2)
    one_metre = space.geometry.disparity_at_one_metre
    drop_sigma = space.geometry.focal_px * drops.diameter_mm * 1e-3 / depth / 2.5
    sigma = np.hypot(drop_sigma, LENS_SIGMA_PX)
    first, last = (np.stack(space.project(place), 1) for place in (drops.position, end))
    length = np.hypot(*(last - first).T)
    # What the lens spreads is thinner; so is what a long exposure or a fast drive draws out.
    drawn_out = length / (REFERENCE_PATH_M * space.geometry.focal_px / depth)
    kept = np.sqrt(drop_sigma / sigma / np.maximum(drawn_out, SHORTEST_PATH))
    opacity = np.minimum(space.weather.opacity * kept, MOST_OPAQUE) * drops.clarity
    return Streaks(
        start=np.column_stack([first, one_metre / depth]).astype(np.float32),
        end=np.column_stack([last, one_metre / end[:, 2]]).astype(np.float32),
        sigma=sigma.astype(np.float32),
        opacity=opacity.astype(np.float32),
        brightness=drops.brightness.astype(np.float32),
        shimmer=drops.shimmer.astype(np.float32),
    )


def draw_streaks(
    streaks: Streaks, view: View, scene_disparity: Floats | None, shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Render the streaks that one view records.

    Args:
        scene_disparity: float32 `[H,W]` of this view, pixels, behind which drops are hidden;
            `None` if the scene is behind all of them.
        shape: `(H, W)`.

    Returns:
        float32 `[H,W]` opacity in [0, 1), and float32 `[H,W]` brightness of the drops there.
    """
    depth_sum = np.zeros(shape, np.float32)
    light_sum = np.zeros(shape, np.float32)
    classes = np.rint(2 * np.log2(streaks.sigma / LENS_SIGMA_PX)).astype(int)
    for width_class in np.unique(classes):
        chosen = np.flatnonzero(classes == width_class)
        sigma = float(LENS_SIGMA_PX * 2 ** (width_class / 2))
        column, row, weight, brightness = _sample_paths(
            streaks, chosen, view, scene_disparity, shape
        )
        for total, values in ((depth_sum, weight), (light_sum, weight * brightness)):
            dots = _splat(column, row, values * sigma * np.float32(np.sqrt(2 * np.pi)), shape)
            total += cv2.GaussianBlur(dots, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    brightness_map = light_sum / np.maximum(depth_sum, 1e-6)
    return np.asarray(1 - np.exp(-depth_sum), np.float32), np.asarray(brightness_map, np.float32)


def _sample_paths(
    streaks: Streaks,
    chosen: NDArray[np.intp],
    view: View,
    scene_disparity: Floats | None,
    shape: tuple[int, int],
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return column, row, weight and brightness of dots along the chosen streaks, as one view."""
    start, step = streaks.start[chosen], streaks.end[chosen] - streaks.start[chosen]
    length = np.hypot(step[:, 0], step[:, 1])
    dots = np.maximum(1, np.ceil(length / SAMPLE_SPACING_PX)).astype(int)
    owner = np.repeat(np.arange(len(chosen)), dots)
    first = np.repeat(np.cumsum(dots) - dots, dots)
    along = ((np.arange(len(owner)) - first + 0.5) / dots[owner]).astype(np.float32)
    column, row, disparity = (start[owner] + along[:, None] * step[owner]).T
    if view == "right":
        column = column - disparity
    visible = (column > -1) & (column < shape[1]) & (row > -1) & (row < shape[0])
    if scene_disparity is not None:
        seen_x = np.clip(np.rint(column), 0, shape[1] - 1).astype(int)
        seen_y = np.clip(np.rint(row), 0, shape[0] - 1).astype(int)
        visible &= disparity >= scene_disparity[seen_y, seen_x]
    owner, along = owner[visible], along[visible]
    cycles, phase = streaks.shimmer[chosen][owner].T
    profile = np.sqrt(np.sin(np.pi * along)) * (
        1 + 0.25 * np.sin(2 * np.pi * cycles * along + phase)
    )
    spacing = (length / dots)[owner]
    weight = streaks.opacity[chosen][owner] * profile * spacing
    return column[visible], row[visible], weight, streaks.brightness[chosen][owner]


def _splat(column: Floats, row: Floats, weight: Floats, shape: tuple[int, int]) -> Floats:
    """Add weighted dots to a float32 `[H,W]` image, each shared by its four nearest pixels."""
    height, width = shape[0] + 2, shape[1] + 2
    x0, y0 = np.floor(column), np.floor(row)
    fx, fy = column - x0, row - y0
    corner = (y0.astype(np.int64) + 1) * width + x0.astype(np.int64) + 1
    image = np.zeros(height * width)
    for offset, share in (
        (0, (1 - fx) * (1 - fy)),
        (1, fx * (1 - fy)),
        (width, (1 - fx) * fy),
        (width + 1, fx * fy),
    ):
        image += np.bincount(corner + offset, weight * share, minlength=image.size)
    return image.reshape(height, width)[1:-1, 1:-1].astype(np.float32)
