"""Reads a video frame by frame, past damaged places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.recordings.videos.colors import rgb_of
from apanet_core.recordings.videos.opening import open_video
from apanet_core.recordings.videos.properties import VideoProperties, properties_of
from apanet_core.recordings.videos.scan import VideoScan, packets_of, scan_video

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame


@dataclass(frozen=True)
class TimedFrame:
    """A decoded frame that is not yet RGB.

    Attributes:
        time: when it is shown, seconds of the file's own clock.
        end: until when, seconds.
    """

    time: Fraction
    end: Fraction
    _frame: VideoFrame
    _matrix: tuple[int, ...] | None = None

    def rgb(self) -> ByteImage:
        """Return it as uint8 RGB `[H,W,3]`."""
        picture = rgb_of(self._frame)
        return picture if self._matrix is None else _upright(picture, self._matrix)


class VideoReader:
    """A video opened for reading, once from start to end; use it as a context manager.

    Attributes:
        path: of the file.
        bits: of a colour in the file; frames come with 8.
        lost: frames that are damaged or missing, counted once the last one is read.
        damaged: frames that came out with damaged parts, likewise.
    """

    def __init__(self, path: Path, upright: bool = False) -> None:
        """Open a file.

        Args:
            path: of the video.
            upright: rotate or mirror frames as the file asks a player to; else they come as stored.

        Raises:
            ImageError: the file is missing or no video.
        """
        self.path = path
        self.lost = self.damaged = 0
        self._upright = upright
        self._container, self._stream = open_video(path)
        # FFmpeg does not survive a question to a closed file.
        self._stored = properties_of(self._stream)
        self._is_avi = self._container.format.name == "avi"
        self._is_reordered = bool(self._stream.has_b_frames)
        pixels = self._stream.codec_context.format
        self.bits = max(part.bits for part in pixels.components) if pixels else 8

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def fps(self) -> float:
        """Frames a second, as the file says."""
        return float(self._stored.rate)

    @cached_property
    def scan(self) -> VideoScan:
        """What the whole file says of its frames, from a first pass without decoding."""
        return scan_video(self.path)

    @cached_property
    def properties(self) -> VideoProperties:
        """What the video has beside its pictures, as these come out of here."""
        matrix = None if self._upright else self.display_matrix
        return replace(self._stored, display_matrix=matrix)

    @cached_property
    def display_matrix(self) -> tuple[int, ...] | None:
        """The nine numbers by which a player rotates or mirrors; None where it does not."""
        container, stream = open_video(self.path)
        with container:
            first = next(_decoded(packets_of(container, stream), []), None)
            data: Any = first.side_data.get("DISPLAYMATRIX") if first is not None else None
            return None if data is None else tuple(np.frombuffer(data, np.int32).tolist())

    def frames(self) -> Iterator[ByteImage]:
        """Yield the frames, uint8 RGB `[H,W,3]`."""
        return (frame.rgb() for frame in self.timed_frames())

    def timed_frames(self) -> Iterator[TimedFrame]:
        """Yield the frames in the order of time; what cannot be decoded is counted and left out."""
        matrix = self.display_matrix if self._upright else None
        failures: list[int | None] = []
        last, count = None, 0
        for frame in _decoded(packets_of(self._container, self._stream), failures):
            time = self._time_of(frame, count)
            if last is not None and time <= last:
                time = last + self.scan.tick
            last, count = time, count + 1
            self.damaged += frame.is_corrupt
            yield TimedFrame(time, time + self._duration_of(frame), frame, matrix)
        decodable = len(self.scan.ticks) - count if failures else 0
        self.lost = self.scan.absent + max(len(failures), decodable)

    def _time_of(self, frame: VideoFrame, number: int) -> Fraction:
        """Return when a frame is shown; AVI has only the times at which frames are decoded."""
        if frame.pts is None or (self._is_avi and self._is_reordered):
            ticks = self.scan.ticks
            return ticks[min(number, len(ticks) - 1)] * self.scan.tick
        return frame.pts * (frame.time_base or self.scan.tick)

    def _duration_of(self, frame: VideoFrame) -> Fraction:
        duration = frame.duration * (frame.time_base or self.scan.tick) or self.scan.interval
        # Where frames are decoded in another order, MP4 has the durations of that order.
        return min(duration, self.scan.shortest) if self._is_reordered else duration


def count_frames(path: Path) -> int:
    """Return how many frames can be decoded from a file; 0 when it is no video."""
    try:
        container, stream = open_video(path)
    except ImageError:
        return 0
    with container:
        return sum(1 for _ in _decoded(packets_of(container, stream), []))


def _decoded(packets: Iterator[Packet[Any]], failures: list[int | None]) -> Iterator[VideoFrame]:
    """Yield the frames of packets, and note the times of packets that cannot be decoded."""
    import av

    for packet in packets:
        try:
            yield from packet.decode()
        except av.FFmpegError:
            failures.append(packet.pts)


def _upright(picture: ByteImage, matrix: tuple[int, ...]) -> ByteImage:
    """Rotate by quarter turns or mirror; `matrix` maps columns and rows onto those shown."""
    across, across_down, _, down_across, down = matrix[:5]
    if abs(across_down) > abs(across):
        picture = picture.transpose(1, 0, 2)
        across, down = down_across, across_down
    return np.ascontiguousarray(picture[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])
