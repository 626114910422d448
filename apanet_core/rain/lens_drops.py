"""Drops and splashes on the lens or the windscreen: out of focus, and other ones in each view."""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.rain.drops import RainSpace

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

REFERENCE_FOCAL_PX = 721.5
"""Sizes below are those that a camera of this focal length, KITTI's, records."""
REFERENCE_PIXELS = 1242 * 375
SMALLEST_RADIUS_PX = 3.0
LARGEST_RADIUS_PX = 30.0
SPLASH_SHARE = 0.2
"""Share of drops that burst into several small ones where they land."""
SPLASH_RADII_PX = (1.5, 4.0)
SPLASH_SPREAD_PX = 9.0
SLIDING_SHARE = 0.25
SLIDE_PX_S = (3.0, 40.0)
LIFE_S = 5.0
"""Mean time until a drop has gone: dried, wiped or joined with another."""
SHRINK = 8
"""The view seen through a drop is this much coarser."""
SKY = 0.15
"""Share of the sky's light in what a drop shows."""
FLIPPED = 0.75
"""Share of the view upside down in the rest; what is behind a drop is the remainder."""
CLEAR_RADIUS_PX = 9.0
"""Smaller drops show the less of a picture."""
FISHEYE = 0.4
"""A drop's radius shows this share of the view's height."""


@dataclass(frozen=True)
class LensDrops:
    """N drops on one lens; every array is float64.

    Attributes:
        place: `[N,2]` column and row of the middle, pixels.
        radius: `[N]`, pixels.
        slide: `[N]`, downwards, pixels per second; 0 for a drop that stays.
        opacity: `[N]`, of the middle, 0 to 1.
        softness: `[N]`, width of the edge as a share of the radius.
        lobes: `[N,3,2]`, size (share of the radius) and phase of the outline's 2nd to 4th waves.
    """

    place: Doubles
    radius: Doubles
    slide: Doubles
    opacity: Doubles
    softness: Doubles
    lobes: Doubles

    def __len__(self) -> int:
        return len(self.radius)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> LensDrops:
        return LensDrops(*(getattr(self, field.name)[chosen] for field in fields(self)))


def sample_lens_drops(space: RainSpace, generator: np.random.Generator) -> LensDrops:
    """Let drops land on one lens, small ones more often; some splash into several.

    How many there are, and how large, follows from the angle that a view covers, so a crop sees
    its share of them.
    """
    height, width = space.height, space.width
    scale = space.geometry.focal_px / REFERENCE_FOCAL_PX
    margin = LARGEST_RADIUS_PX * scale
    pixels = (height + 2 * margin) * (width + 2 * margin)
    landed = generator.poisson(space.weather.lens_drops * pixels / (REFERENCE_PIXELS * scale**2))
    splashes = generator.random(landed) < SPLASH_SHARE
    owner = np.repeat(np.arange(landed), np.where(splashes, generator.integers(4, 13, landed), 1))
    count, splash = len(owner), splashes[owner]
    place = generator.uniform(-margin, (width + margin, height + margin), (landed, 2))[owner]
    place += splash[:, None] * generator.normal(0, SPLASH_SPREAD_PX * scale, (count, 2))
    growth = LARGEST_RADIUS_PX / SMALLEST_RADIUS_PX
    whole = SMALLEST_RADIUS_PX * growth ** generator.beta(1.0, 1.3, count)
    radius = scale * np.where(splash, generator.uniform(*SPLASH_RADII_PX, count), whole)
    slides = (generator.random(count) < SLIDING_SHARE) & ~splash
    return LensDrops(
        place=place,
        radius=radius,
        slide=slides * scale * generator.uniform(*SLIDE_PX_S, count),
        opacity=generator.uniform(0.6, 1.0, count) * np.where(splash, 0.6, 1.0),
        softness=generator.uniform(0.4, 0.9, count),
        lobes=generator.uniform((0.0, 0.0), (0.12, 2 * np.pi), (count, 3, 2)),
    )


def move_lens_drops(
    drops: LensDrops, seconds: float, space: RainSpace, generator: np.random.Generator
) -> LensDrops:
    """Let time pass: most drops stay, some slide, some go, and as many land."""
    lasting = np.exp(-seconds / LIFE_S)
    margin = LARGEST_RADIUS_PX * space.geometry.focal_px / REFERENCE_FOCAL_PX
    slid = drops.place + np.column_stack([np.zeros(len(drops)), drops.slide * seconds])
    stay = (generator.random(len(drops)) < lasting) & (slid[:, 1] < space.height + margin)
    fresh = sample_lens_drops(space, generator)
    from_above = (fresh.slide > 0) & (fresh.place[:, 1] - fresh.slide * seconds < -margin)
    land = from_above | (generator.random(len(fresh)) >= lasting)
    old = LensDrops(slid, *(getattr(drops, f.name) for f in fields(drops)[1:]))[stay]
    pairs = ((getattr(old, f.name), getattr(fresh[land], f.name)) for f in fields(drops))
    return LensDrops(*(np.concatenate(pair) for pair in pairs))


def draw_lens_drops(view: Floats, drops: LensDrops, sky: tuple[float, float, float]) -> Floats:
    """Show a view through the drops on its lens.

    Args:
        view: float32 `[H,W,3]`, 0 to 1.
        sky: colour of the light that drops gather from above, RGB in [0, 1].

    Returns:
        float32 `[H,W,3]`; the view itself where there are no drops.
    """
    if len(drops) == 0:
        return view
    height, width = view.shape[:2]
    size = (max(1, width // SHRINK), max(1, height // SHRINK))
    coarse = np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), np.float32)
    coarse = np.asarray(cv2.GaussianBlur(coarse, (0, 0), 2.5), np.float32)
    seen = view.copy()
    for number in range(len(drops)):
        _draw(seen, coarse, drops, number, np.array(sky, np.float32))
    return np.asarray(seen, np.float32)


def lens_cover(shape: tuple[int, ...], drops: LensDrops) -> Floats:
    """Return how much drops on the lens hide of each place, float32 `[H,W]`, 0 to 1."""
    hidden = np.zeros(shape[:2], np.float32)
    for number in range(len(drops)):
        window = _window(hidden.shape, drops, number)
        if window is not None:
            place, x, y = window
            hidden[place] = np.maximum(hidden[place], _cover(x, y, drops, number))
    return hidden


def _draw(
    seen: Floats, coarse: Floats, drops: LensDrops, number: int, sky: NDArray[np.float32]
) -> None:
    height, width = seen.shape[:2]
    (column, row), radius = drops.place[number], drops.radius[number]
    window = _window(seen.shape, drops, number)
    if window is None:
        return
    place, x, y = window
    cover = _cover(x, y, drops, number)[..., None]
    straight = _looked_up(coarse, (column + x) / width, (row + y) / height)
    # A drop is a fisheye lens that turns upside down what is around the place it covers.
    turn = -FISHEYE * height / radius
    middle_x, middle_y = (column + width / 2) / 2, (row + height / 2) / 2
    flipped = _looked_up(coarse, (middle_x + turn * x) / width, (middle_y + turn * y) / height)
    # The blur of a lens that looks far leaves a small drop without a picture of its own.
    clear = min(1.0, radius / CLEAR_RADIUS_PX)
    behind = straight + FLIPPED * clear * (flipped - straight)
    shown = behind + SKY * (sky - behind)
    seen[place] += cover * (shown - seen[place])


def _window(
    shape: tuple[int, ...], drops: LensDrops, number: int
) -> tuple[tuple[slice, slice], Doubles, Doubles] | None:
    """Return where a drop reaches in a view, and the offsets from its middle; `None`: nowhere."""
    height, width = shape[:2]
    (column, row), reach = drops.place[number], 1.6 * drops.radius[number] + 1
    left, top = max(0, int(column - reach)), max(0, int(row - reach))
    right, bottom = min(width, int(column + reach) + 1), min(height, int(row + reach) + 1)
    if left >= right or top >= bottom:
        return None
    x, y = np.meshgrid(np.arange(left, right) - column, np.arange(top, bottom) - row)
    return (slice(top, bottom), slice(left, right)), x, y


def _cover(x: Doubles, y: Doubles, drops: LensDrops, number: int) -> Floats:
    """Return how much the drop hides at these offsets from its middle, float32, 0 to 1."""
    angle = np.arctan2(y, x)
    outline = 1 + sum(
        size * np.cos(wave * angle + phase)
        for wave, (size, phase) in enumerate(drops.lobes[number], start=2)
    )
    distance = np.hypot(x, y) / (drops.radius[number] * outline)
    soft = drops.softness[number]
    edge = np.clip((1 + soft / 2 - distance) / soft, 0, 1)
    return np.asarray(drops.opacity[number] * edge * edge * (3 - 2 * edge), np.float32)


def _looked_up(coarse: Floats, x: Doubles, y: Doubles) -> Floats:
    """Return the coarse view at these places, shares of its width and height; mirrored outside."""
    columns, rows = (
        np.asarray(place * size - 0.5, np.float32)
        for place, size in ((x, coarse.shape[1]), (y, coarse.shape[0]))
    )
    found = cv2.remap(coarse, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(found, np.float32)
