"""The depth that a single picture might have, and the pair that two cameras would then see."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from apanet_core.data.crop import Size, Window, draw_window
from apanet_core.imaging.types import ByteImage, FloatMap, ViewPair
from apanet_core.rain.geometry import StereoGeometry

LARGEST_DISPARITY_PX = 64
MOST_OBJECTS = 3


class PlausibleScene(NamedTuple):
    """A crop of a picture, and a guess of how near things in it are.

    Attributes:
        window: the left view in the picture.
        left_disparity, right_disparity: float32 `[H,W]`, pixels, as each view sees it.
        geometry: the cameras, their principal point in the crop.
    """

    window: Window
    left_disparity: FloatMap
    right_disparity: FloatMap
    geometry: StereoGeometry

    def views_of(self, picture: ByteImage) -> ViewPair:
        """Return the two views of a picture, uint8 RGB `[H,W,3]` of the size it was drawn for.

        The left view is cut out. The right view shows at column `x` what lies in the left one at
        `x` plus its disparity; behind objects it repeats what is beside them.
        """
        rows, columns = self.window
        strip = picture[rows, columns.start :]
        height, width = self.right_disparity.shape
        row_map = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
        column_map = np.arange(width, dtype=np.float32)[None, :] + self.right_disparity
        right = cv2.remap(
            strip, column_map, row_map, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return strip[:, :width], np.asarray(right, np.uint8)


def draw_plausible_scene(size: Size, crop: Size, generator: np.random.Generator) -> PlausibleScene:
    """Guess the depth of a picture: a wall that stands on the ground, and objects before it.

    From the top down to a foot line the disparity is that of the wall, below it grows evenly as
    on flat ground. Objects are flat, upright, and as near as the ground that they stand on. As
    the right view shows what lies farther right in the picture, a picture hardly wider than the
    crop gets small disparities, one as wide as it none.

    Args:
        size: of the picture, `(height, width)`, at least the crop's.
        crop: size of each view.
        generator: source of all randomness.
    """
    room = min(LARGEST_DISPARITY_PX, size[1] - crop[1])
    ground = _ground(size[0], room, generator)
    rows, columns = draw_window((size[0], size[1] - room), crop, generator)
    left = np.repeat(ground[rows, None], crop[1], axis=1)
    right = left.copy()
    for _ in range(int(generator.integers(MOST_OBJECTS + 1))):
        _place_object(left, right, ground, rows, generator)
    center = (size[1] / 2 - columns.start, size[0] / 2 - rows.start)
    return PlausibleScene((rows, columns), left, right, StereoGeometry(center=center))


def draw_seen_scene(size: Size, crop: Size, generator: np.random.Generator) -> PlausibleScene:
    """Guess the depth of a picture in half of the draws, else put all of it at infinity.

    At infinity both cameras see the same picture, as a network for one camera is used. Arguments
    as `draw_plausible_scene`.
    """
    if generator.random() < 0.5:
        return draw_plausible_scene(size, crop, generator)
    flat = np.zeros(crop, np.float32)
    return PlausibleScene(draw_window(size, crop, generator), flat, flat, StereoGeometry())


def _ground(height: int, largest: float, generator: np.random.Generator) -> FloatMap:
    """Return the disparity of each row, float32 `[H]`: the wall's, then the growing ground's."""
    wall, front = np.sort(generator.uniform(min(1.0, largest), largest, 2))
    foot = generator.uniform(0.4, 0.9) * height
    below = np.clip((np.arange(height) - foot) / max(height - foot, 1.0), 0, 1)
    return np.asarray(wall + (front - wall) * below, np.float32)


def _place_object(
    left: FloatMap,
    right: FloatMap,
    ground: FloatMap,
    rows: slice,
    generator: np.random.Generator,
) -> None:
    """Stand a flat object before what is farther, in both views' disparities of a picture's rows.

    Its foot may be below the crop, so that only its upper part is seen.
    """
    height, width = len(ground), right.shape[1]
    foot = int(generator.uniform(0.5, 1.0) * height)
    top = foot - int(generator.uniform(0.2, 0.8) * height)
    seen_rows = slice(max(0, top - rows.start), max(0, foot + 1 - rows.start))
    start, end = np.sort(generator.uniform(-0.2, 1.2, 2)) * width
    disparity = ground[foot]
    for view, shift in ((left, disparity), (right, 0.0)):
        first, last = (int(np.clip(np.rint(edge + shift), 0, width)) for edge in (start, end))
        seen = view[seen_rows, first:last]
        np.maximum(seen, disparity, out=seen)
