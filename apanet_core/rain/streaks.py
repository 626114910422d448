"""Falling drops in space, and the streaks that each view records of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.weather import Weather

Floats = NDArray[np.float32]
View = Literal["left", "right"]

NEAR_M = 0.7
"""Nearest drop that is drawn as a streak."""
FAR_M = 25.0
"""Farthest; beyond, drops are thinner than a tenth of a pixel and belong to the veil."""
SMALLEST_DROP_MM = 0.8
LARGEST_DROP_MM = 5.0
LENS_SIGMA_PX = 0.5
"""Blur of the lens and the pixel grid, which even the thinnest streak shows."""
SAMPLE_SPACING_PX = 0.6


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


def sample_streaks(
    weather: Weather,
    generator: np.random.Generator,
    height: int,
    width: int,
    geometry: StereoGeometry,
) -> Streaks:
    """Scatter drops in the space that the two cameras see, and let them fall for one exposure.

    Depth is drawn so that near and far drops both appear (logarithmic, leaning to the far ones),
    diameter from a truncated exponential (Marshall and Palmer 1948), fall speed from the diameter
    (Atlas, Srivastava and Sekhon 1973).

    Args:
        height, width: of one view, pixels.
    """
    one_metre = geometry.disparity_at_one_metre
    widest = width + one_metre / NEAR_M
    count = generator.poisson(weather.density * 1e-6 * widest * height * 1.2)
    depth = NEAR_M * (FAR_M / NEAR_M) ** generator.beta(1.6, 1.0, count)
    column = generator.uniform(0, widest, count)
    row = generator.uniform(-0.15 * height, 1.05 * height, count)
    # A far drop right of the left view is right of the right view too: neither sees it.
    seen = column < width + one_metre / depth
    depth, column, row = depth[seen], column[seen], row[seen]
    drop_mm = SMALLEST_DROP_MM + generator.exponential(
        weather.severity.mean_drop_excess_mm, len(depth)
    )
    drop_mm = np.minimum(drop_mm, LARGEST_DROP_MM)
    velocity = _drop_velocity(weather, generator, drop_mm, column / width, row / height)
    start, end = _project_path(weather, geometry, depth, column, row, velocity, (height, width))
    sigma, opacity = _thickness(weather, geometry, depth, drop_mm)
    return Streaks(
        start=start.astype(np.float32),
        end=end.astype(np.float32),
        sigma=sigma.astype(np.float32),
        opacity=(opacity * generator.uniform(0.5, 1.0, len(depth))).astype(np.float32),
        brightness=generator.uniform(0.85, 1.1, len(depth)).astype(np.float32),
        shimmer=generator.uniform((0.5, 0.0), (4.0, 2 * np.pi), (len(depth), 2)).astype(np.float32),
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


def _drop_velocity(
    weather: Weather,
    generator: np.random.Generator,
    drop_mm: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return `[N,3]` velocity relative to the cameras: right, down, forward, metres per second."""
    fall = 9.65 - 10.3 * np.exp(-0.6 * drop_mm)
    waves = generator.normal(0, 2.5, (2, 2))
    phases = generator.uniform(0, 2 * np.pi, 2)
    gust = sum(np.sin(kx * x + ky * y + p) for (kx, ky), p in zip(waves, phases, strict=True))
    turbulence = generator.normal(0, 0.4, len(drop_mm))
    right = weather.wind_m_s + weather.gust_m_s * (gust + turbulence)
    return np.stack([right, fall, np.full_like(fall, -weather.speed_m_s)], axis=1)


def _project_path(
    weather: Weather,
    geometry: StereoGeometry,
    depth: NDArray[np.float64],
    column: NDArray[np.float64],
    row: NDArray[np.float64],
    velocity: NDArray[np.float64],
    shape: tuple[int, int],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where drops are at the exposure's start and end: `[N,3]` column, row, disparity."""
    center = np.array(geometry.center_of(*shape))
    pixel = np.stack([column, row], axis=1)
    position = np.column_stack([(pixel - center) * depth[:, None] / geometry.focal_px, depth])
    moved = position + velocity * weather.exposure_s
    moved[:, 2] = np.maximum(moved[:, 2], NEAR_M / 2)
    landed = moved[:, :2] / moved[:, 2:] * geometry.focal_px + center
    one_metre = geometry.disparity_at_one_metre
    start = np.column_stack([pixel, one_metre / depth])
    return start, np.column_stack([landed, one_metre / moved[:, 2]])


def _thickness(
    weather: Weather,
    geometry: StereoGeometry,
    depth: NDArray[np.float64],
    drop_mm: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each streak's sigma in pixels, and the opacity left after the lens spread it."""
    drop_sigma = geometry.focal_px * drop_mm * 1e-3 / depth / 2.5
    sigma = np.hypot(drop_sigma, LENS_SIGMA_PX)
    return sigma, weather.opacity * np.sqrt(drop_sigma / sigma)


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
