"""Rain on a sequence of frames: one weather, and drops that live on from frame to frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from apanet_core.rain import RainSequence, sample_weather
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_core.time_units import NANOSECONDS


def rain_on(
    frames: Iterable[StereoFrame], severity: str, seed: int | Sequence[int]
) -> Iterator[StereoFrame]:
    """Yield `frames` in rain of the named severity; a seed gives the same rain every time.

    Drops move by the time between the stamps, which must not decrease.

    Raises `ConfigError` for an unknown severity, `ImageError` for a frame out of order.
    """
    generator = np.random.default_rng(seed)
    rain = RainSequence(sample_weather(severity, generator), generator)
    first_ns = None
    for frame in frames:
        first_ns = frame.stamp_ns if first_ns is None else first_ns
        # Since the first frame: seconds since the epoch are too coarse for a float.
        time_s = (frame.stamp_ns - first_ns) / NANOSECONDS
        left, right = rain.add_rain(frame.left, frame.right, time_s, frame.disparity, frame.camera)
        yield replace(frame, left=left, right=right)
