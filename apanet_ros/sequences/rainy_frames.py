"""Rain on a sequence of frames: one weather, new drops in every frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from apanet_core.rain import add_rain, sample_weather
from apanet_ros.sequences.stereo_frame import StereoFrame


def rain_on(frames: Iterable[StereoFrame], severity: str, seed: int) -> Iterator[StereoFrame]:
    """Yield `frames` in rain of the named severity; a seed gives the same rain every time.

    Raises `ConfigError` for an unknown severity.
    """
    generator = np.random.default_rng(seed)
    weather = sample_weather(severity, generator)
    for frame in frames:
        left, right = add_rain(
            frame.left, frame.right, weather, generator, frame.disparity, frame.camera
        )
        yield replace(frame, left=left, right=right)
