"""The scene: a drive past the Middlebury motorcycle."""

from __future__ import annotations

from collections.abc import Iterator

from apanet_core.sequences.motorcycle import motorcycle
from apanet_core.sequences.panning import pan
from apanet_core.sequences.stereo_frame import StereoFrame

WINDOW_HEIGHT = 448
WINDOW_WIDTH = 608


def motorcycle_drive(count: int, pairs_per_second: float) -> Iterator[StereoFrame]:
    """Yield `count` windows of the motorcycle, uint8 RGB `[448,608,3]`, as if a camera panned."""
    return pan(motorcycle(), count, pairs_per_second, WINDOW_HEIGHT, WINDOW_WIDTH)
