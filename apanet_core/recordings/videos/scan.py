"""What the packets of a video say of its frames, without decoding one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from apanet_core.recordings.videos.opening import open_video
from apanet_core.recordings.videos.properties import DEFAULT_FPS

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

_DAMAGES_IN_A_ROW = 100
_EVEN = 0.1
_MOSTLY = 0.75
"""At a constant rate this share of the intervals differs from the median by less than that."""


@dataclass(frozen=True)
class VideoScan:
    """Times of a video's frames as its packets have them.

    Attributes:
        ticks: times in units of `tick`, ascending; one for each frame that the file holds.
        tick: seconds.
        interval, shortest: the median and the shortest from one frame to the next, seconds.
        absent: frames that the file had and no longer has: it was cut off, or a part of it
            cannot even be split into frames.
    """

    ticks: tuple[int, ...]
    tick: Fraction
    interval: Fraction
    shortest: Fraction
    absent: int

    @property
    def times(self) -> list[Fraction]:
        """The times in seconds."""
        return [tick * self.tick for tick in self.ticks]


def scan_video(path: Path) -> VideoScan:
    """Read a file once, without decoding; raises `ImageError` when it is no video."""
    with _complaints() as complaints:
        container, stream = open_video(path)
        ticks = tuple(sorted(map(_tick_of, filter(_is_shown, packets_of(container, stream)))))
    with container:
        is_damaged = container.format.name in complaints
        tick = stream.time_base or Fraction(1, 1000)
        steps = [after - before for before, after in pairwise(ticks) if after > before]
        if not steps:
            steps = [max(1, round(1 / (stream.guessed_rate or DEFAULT_FPS) / tick))]
        interval = int(median(steps))
        absent = _absent(container, stream, ticks, interval, is_damaged)
    return VideoScan(ticks, tick, interval * tick, min(steps) * tick, absent)


def packets_of(container: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """Yield the packets of streams, past damaged places, and an empty last one."""
    import av

    failures = 0
    while failures < _DAMAGES_IN_A_ROW:
        try:
            for packet in container.demux(*streams):
                failures = 0
                yield packet
            return
        except av.FFmpegError:
            failures += 1


def _is_shown(packet: Packet[Any]) -> bool:
    """Whether a packet makes a frame that is shown; VP8 has some that others are made of."""
    if not packet.size or packet.is_discard:
        return False
    return packet.stream.codec_context.name != "vp8" or bool(bytes(packet)[0] & 0x10)


def _tick_of(packet: Packet[Any]) -> int:
    return packet.pts if packet.pts is not None else packet.dts or 0


def _absent(
    container: InputContainer,
    stream: VideoStream,
    ticks: tuple[int, ...],
    interval: int,
    damaged: bool,
) -> int:
    """Count what is missing; intervals are in ticks. Nothing is guessed of an unharmed file."""
    if container.format.name == "avi":
        # Its header counts steps of time, also those without a frame.
        return _frames_between(ticks[-1] if ticks else -interval, stream.frames, interval)
    if stream.frames:
        return max(0, stream.frames - len(ticks))
    if not damaged or len(ticks) < 3:
        return 0
    steps = np.diff(ticks) / interval
    if np.mean(np.abs(steps - 1) < _EVEN) < _MOSTLY:
        return 0  # Any time may lie between its frames.
    within = sum(max(0, round(float(step)) - 1) for step in steps)
    if container.duration is None or stream.time_base is None:
        return within
    end = Fraction(container.duration, 1_000_000) / stream.time_base
    return within + _frames_between(ticks[-1], end, interval)


def _frames_between(last: int, end: Fraction | int, interval: int) -> int:
    return max(0, round(Fraction(end - last, interval)) - 1)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect the names of those parts of FFmpeg that find something wrong; else it is silent."""
    import av.logging

    level, skips = av.logging.get_level(), av.logging.get_skip_repeated()
    names: list[str] = []
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)
    try:
        with av.logging.Capture() as logs:
            yield names
            names += [name for _, name, _ in logs]
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(skips)
