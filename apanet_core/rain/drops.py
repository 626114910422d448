"""Falling drops in the space that two cameras see, and how they live on from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.weather import Weather

Doubles = NDArray[np.float64]

NEAR_M = 0.7
"""Nearest drop that is drawn as a streak."""
FAR_M = 25.0
"""Farthest; beyond, drops are thinner than a tenth of a pixel and belong to the veil."""
FAR_LEAN = 2.0
"""The share of drops nearer than `NEAR_M * (FAR_M / NEAR_M) ** u` is `u ** FAR_LEAN`."""
SMALLEST_DROP_MM = 0.8
LARGEST_DROP_MM = 5.0
TURBULENCE = 0.4
"""Standard deviation of one drop's drift, as a share of the gusts' strength."""
LAYERS = 6


@dataclass(frozen=True)
class Drops:
    """N drops at one moment; every array is float64.

    Attributes:
        position: `[N,3]` metres right of, below and before the left camera.
        velocity: `[N,3]` relative to the cameras, metres per second.
        diameter_mm: `[N]`.
        clarity: `[N]`, how much of the weather's opacity this drop shows, 0.5 to 1.
        brightness: `[N]`, relative to the weather's streak light.
        shimmer: `[N,2]`, cycles and phase of the drop's oscillation along its streak.
    """

    position: Doubles
    velocity: Doubles
    diameter_mm: Doubles
    clarity: Doubles
    brightness: Doubles
    shimmer: Doubles

    def __len__(self) -> int:
        return len(self.position)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Drops:
        return Drops(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class RainSpace:
    """Where drops are scattered: all places from which one exposure reaches either view.

    Attributes:
        weather: lasts for a sequence, as do the gusts.
        geometry: the cameras.
        height, width: of one view, pixels.
        gust_waves: float64 `[2,2]` waves per image across and down, of two gusts.
        gust_phases: float64 `[2]`, radians.
    """

    weather: Weather
    geometry: StereoGeometry
    height: int
    width: int
    gust_waves: Doubles
    gust_phases: Doubles

    def project(self, position: Doubles) -> tuple[Doubles, Doubles]:
        """Return column and row in the left view of `[N,3]` positions, pixels."""
        x, y = self.geometry.center_of(self.height, self.width)
        scale = self.geometry.focal_px / position[:, 2]
        return x + position[:, 0] * scale, y + position[:, 1] * scale

    def window(self, depth: Doubles) -> tuple[Doubles, Doubles, Doubles, Doubles]:
        """Return left, right, top and bottom of where drops at these depths matter, pixels.

        A drop outside the view matters when its path over the exposure may lead into it.
        """
        weather, x, y = self.weather, *self.geometry.center_of(self.height, self.width)
        to_pixels = self.geometry.focal_px / depth
        nearer = np.maximum(1 - weather.speed_m_s * weather.exposure_s / depth, 0.5)
        blur = to_pixels * LARGEST_DROP_MM * 1e-3
        drift = weather.gust_m_s * (2 + 3 * TURBULENCE)

        def origin(edge: float, center: float, velocity: float | Doubles) -> Doubles:
            """Where a drop starts that reaches the edge at the end of the exposure."""
            path = velocity * weather.exposure_s * to_pixels
            return np.asarray(center + (edge - center) * nearer - path, np.float64)

        left = np.minimum(0, origin(0, x, weather.wind_m_s + drift)) - blur
        right = np.maximum(self.width, origin(self.width, x, weather.wind_m_s - drift)) + blur
        top = np.minimum(0, origin(0, y, fall_speed(LARGEST_DROP_MM))) - blur
        bottom = np.maximum(self.height, origin(self.height, y, fall_speed(SMALLEST_DROP_MM)))
        # The right view shows what is this much farther to the right.
        return left, right + to_pixels * self.geometry.baseline_m, top, bottom + blur

    def intensity(self, position: Doubles) -> Doubles:
        """Return how many drops a cubic metre holds at `[N,3]` positions, up to a factor."""
        depth = np.clip(position[:, 2], NEAR_M, FAR_M)
        column, row = self.project(np.column_stack([position[:, :2], depth]))
        left, right, top, bottom = self.window(depth)
        inside = (column >= left) & (column < right) & (row >= top) & (row < bottom)
        inside &= depth == position[:, 2]
        return np.asarray(inside * np.log(depth / NEAR_M) ** (FAR_LEAN - 1) / depth**3)


def rain_space(
    weather: Weather,
    generator: np.random.Generator,
    height: int,
    width: int,
    geometry: StereoGeometry,
) -> RainSpace:
    """Return the space of one sequence, with gusts of its own."""
    waves = generator.normal(0, 2.5, (2, 2))
    phases = generator.uniform(0, 2 * np.pi, 2)
    return RainSpace(weather, geometry, height, width, waves, phases)


def fall_speed(diameter_mm: float | Doubles) -> Doubles:
    """Return metres per second (Atlas, Srivastava and Sekhon 1973)."""
    return np.asarray(9.65 - 10.3 * np.exp(-0.6 * np.asarray(diameter_mm)))


def sample_drops(space: RainSpace, generator: np.random.Generator) -> Drops:
    """Scatter drops evenly over the picture and, leaning to the far ones, over log depth.

    Diameters follow a truncated exponential (Marshall and Palmer 1948).
    """
    column, row, depth = _scatter(space, generator)
    count = len(depth)
    center = np.array(space.geometry.center_of(space.height, space.width))
    sideways = (np.column_stack([column, row]) - center) * depth[:, None] / space.geometry.focal_px
    excess = generator.exponential(space.weather.severity.mean_drop_excess_mm, count)
    diameter = np.minimum(SMALLEST_DROP_MM + excess, LARGEST_DROP_MM)
    return Drops(
        position=np.column_stack([sideways, depth]),
        velocity=_velocity(space, generator, diameter, column, row),
        diameter_mm=diameter,
        clarity=generator.uniform(0.5, 1.0, count),
        brightness=generator.uniform(0.85, 1.1, count),
        shimmer=generator.uniform((0.5, 0.0), (4.0, 2 * np.pi), (count, 2)),
    )


def move_drops(
    drops: Drops,
    seconds: float,
    before: RainSpace,
    after: RainSpace,
    generator: np.random.Generator,
) -> Drops:
    """Let time pass: drops move on, some leave, others enter, and the rain stays as dense.

    Drops are a Poisson process. Moved, it has another intensity than it should; thinned where
    that is too high and joined by new drops where it is too low, it is the same process again.

    Args:
        before, after: the space then and now; they differ where the picture's window moved.
    """
    travelled = drops.position + drops.velocity * seconds
    wanted, there = after.intensity(travelled), before.intensity(drops.position)
    stays = generator.random(len(drops)) * there < wanted
    moved = Drops(
        travelled,
        *(getattr(drops, field.name) for field in fields(drops) if field.name != "position"),
    )[stays]
    fresh = sample_drops(after, generator)
    arrived = before.intensity(fresh.position - fresh.velocity * seconds)
    enters = generator.random(len(fresh)) * after.intensity(fresh.position) >= arrived
    return _joined(moved, fresh[enters])


def _joined(first: Drops, second: Drops) -> Drops:
    pairs = ((getattr(first, field.name), getattr(second, field.name)) for field in fields(Drops))
    return Drops(*(np.concatenate(pair) for pair in pairs))


def _scatter(space: RainSpace, generator: np.random.Generator) -> tuple[Doubles, Doubles, Doubles]:
    """Return column, row and depth. By layers, because near drops matter from farther outside."""
    edges = np.linspace(0, 1, LAYERS + 1)
    share = edges**FAR_LEAN
    windows = space.window(NEAR_M * (FAR_M / NEAR_M) ** edges)
    left, top = (np.minimum(side[:-1], side[1:]) for side in windows[::2])
    right, bottom = (np.maximum(side[:-1], side[1:]) for side in windows[1::2])
    megapixels = (right - left) * (bottom - top) * 1e-6
    count = generator.poisson(space.weather.density * megapixels * np.diff(share))
    layer = np.repeat(np.arange(LAYERS), count)
    place = generator.random((3, len(layer)))
    lean = share[layer] + place[2] * np.diff(share)[layer]
    depth = NEAR_M * (FAR_M / NEAR_M) ** lean ** (1 / FAR_LEAN)
    column = left[layer] + place[0] * (right - left)[layer]
    row = top[layer] + place[1] * (bottom - top)[layer]
    left, right, top, bottom = space.window(depth)
    inside = (column >= left) & (column < right) & (row >= top) & (row < bottom)
    return column[inside], row[inside], depth[inside]


def _velocity(
    space: RainSpace,
    generator: np.random.Generator,
    diameter_mm: Doubles,
    column: Doubles,
    row: Doubles,
) -> Doubles:
    """Return `[N,3]` velocity relative to the cameras: right, down, forward, metres per second."""
    weather = space.weather
    place = np.stack([column / space.width, row / space.height])
    gust = np.sin(space.gust_waves @ place + space.gust_phases[:, None]).sum(axis=0)
    turbulence = TURBULENCE * generator.standard_normal(len(diameter_mm))
    right = weather.wind_m_s + weather.gust_m_s * (gust + turbulence)
    forward = np.full_like(diameter_mm, -weather.speed_m_s)
    return np.stack([right, fall_speed(diameter_mm), forward], axis=1)
