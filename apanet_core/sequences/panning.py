"""A sequence from one pair: a window that wanders over it and ends where it began."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from apanet_core.errors import ConfigError
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_core.time_units import NANOSECONDS


def pan(
    frame: StereoFrame, count: int, pairs_per_second: float, height: int, width: int
) -> Iterator[StereoFrame]:
    """Yield `count` windows of `height` x `width` pixels cut from `frame`.

    Each window's camera has its own principal point, so that its geometry stays exact. Raises
    `ConfigError` when the window is larger than the frame.
    """
    full_height, full_width = frame.left.shape[:2]
    if height > full_height or width > full_width:
        raise ConfigError(
            f"A window of {width}x{height} does not fit in images of {full_width}x{full_height}; "
            "give a smaller --size."
        )
    for number, (x, y) in enumerate(wander(count, full_width - width, full_height - height)):
        stamp_ns = frame.stamp_ns + round(number * NANOSECONDS / pairs_per_second)
        yield replace(crop(frame, x, y, height, width), stamp_ns=stamp_ns)


def wander(count: int, room_x: int, room_y: int) -> list[tuple[int, int]]:
    """Return `count` offsets (x, y) in pixels on a smooth closed path within the room given."""
    turns = [2 * math.pi * number / count for number in range(count)]
    return [
        (round(room_x * (1 - math.cos(turn)) / 2), round(room_y * (1 - math.cos(2 * turn)) / 2))
        for turn in turns
    ]


def crop(frame: StereoFrame, x: int, y: int, height: int, width: int) -> StereoFrame:
    """Return the window of `frame` whose upper left pixel is (x, y), same stamp."""
    window = slice(y, y + height), slice(x, x + width)
    center_x, center_y = frame.camera.center_of(*frame.left.shape[:2])
    return replace(
        frame,
        left=frame.left[window],
        right=frame.right[window],
        disparity=None if frame.disparity is None else frame.disparity[window],
        camera=replace(frame.camera, center=(center_x - x, center_y - y)),
    )
