"""The step on whose multiples the times of a video lie, for files that know only steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from apanet_core.recordings.videos.formats import format_of, is_video_name
from apanet_core.recordings.videos.properties import VideoProperties
from apanet_core.recordings.videos.scan import scan_video

_MILLISECOND = Fraction(1, 1000)


def properties_for(
    path: Path, properties: VideoProperties, sources: Sequence[Path]
) -> VideoProperties:
    """Return properties that a file of that name can have.

    Args:
        path: of the video to write, or of something else, which has no such limits.
        properties: that it should have.
        sources: the videos that hold its frames, one after the other.
    """
    if not is_video_name(path) or format_of(path).any_time:
        return properties
    times = [time for source in sources for time in scan_video(source).times]
    return replace(properties, tick=common_tick(times, properties.rate))


def common_tick(times: Sequence[Fraction], rate: Fraction) -> Fraction:
    """Return the largest step that keeps times to a millisecond, seconds.

    Args:
        times: seconds, ascending.
        rate: frames a second, as the video says: one frame is the step where all times fit it.
    """
    passed = [time - times[0] for time in times]
    frame = 1 / rate
    if all(abs(time - round(time / frame) * frame) <= _MILLISECOND for time in passed):
        return frame
    return (math.gcd(*(round(time / _MILLISECOND) for time in passed)) or 1) * _MILLISECOND
