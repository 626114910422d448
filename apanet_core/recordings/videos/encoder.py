"""Pictures, and sound beside them, into an opened container."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.recordings.videos.colors import frame_of, mark
from apanet_core.recordings.videos.disk_file import DiskFile
from apanet_core.recordings.videos.formats import VideoFormat
from apanet_core.recordings.videos.properties import VideoProperties
from apanet_core.recordings.videos.sound import SoundCopy

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream


class VideoEncoder:
    """Encodes frames of one size into a file.

    Attributes:
        left_out: the codecs of sound that the container does not take.
    """

    def __init__(
        self,
        path: Path,
        video_format: VideoFormat,
        properties: VideoProperties,
        tick: Fraction,
        size: tuple[int, int],
        sound: Path | None,
        start: Fraction,
    ) -> None:
        """Open a file.

        Args:
            path: of the file.
            video_format: the container and what is put into it.
            properties: what the video has beside its pictures.
            tick: the unit of times, seconds.
            size: height and width, pixels.
            sound: a file whose sound is taken over, where the container takes it.
            start: seconds of that file at which this one begins.

        Raises:
            ImageError: the encoder does not take such frames.
            OSError: the disk does not take the file.
        """
        import av

        self._path = path
        self._tick = tick
        is_odd = any(side % 2 for side in size)
        self._pixels = video_format.odd_pixels if is_odd else video_format.pixels
        colors = properties.colors
        self._colors = colors.as_jpeg() if video_format.jpeg_colors else colors
        self._file = DiskFile(path)
        self._durations: dict[int, int] = {}
        self._container = av.open(self._file, "w", format=video_format.container)
        stream = self._container.add_stream(
            video_format.codec, properties.rate, dict(video_format.options)
        )
        self._stream = cast("VideoStream", stream)
        codec = self._stream.codec_context
        codec.height, codec.width = size
        codec.pix_fmt, codec.time_base = self._pixels, tick
        if properties.pixel_aspect is not None:
            codec.sample_aspect_ratio = properties.pixel_aspect
        if properties.display_matrix is not None and video_format.display_matrix:
            self._stream.set_display_matrix(properties.display_matrix)
        mark(codec, self._pixels, self._colors)
        self._sound = SoundCopy(sound, self._container, start) if sound is not None else None
        self.left_out = self._sound.left_out if self._sound is not None else []

    def add(self, picture: ByteImage, start: int, duration: int) -> None:
        """Encode a frame, uint8 RGB `[H,W,3]`, shown from `start` on for `duration` ticks.

        Raises:
            ImageError: the encoder does not take it.
            OSError: the disk does not take it.
        """
        frame = frame_of(picture, self._pixels, self._colors)
        frame.pts, frame.time_base = start, self._tick
        self._durations[start] = duration
        with self._explained():
            self._mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what is left, and the end of the file; errors as `add`."""
        with self._explained():
            self._mux(self._stream.encode(None))
            if self._sound is not None:
                self._container.mux(list(self._sound.until(None)))
            self._container.close()
        self._file.settle()

    def close(self) -> None:
        """Close the file, whether it is finished or not."""
        import av

        with suppress(av.FFmpegError, ValueError):
            self._container.close()
        if self._sound is not None:
            self._sound.close()
        self._file.close()

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            if packet.pts is not None:
                packet.duration = self._durations.pop(packet.pts)
            if self._sound is not None:
                for beside in self._sound.until((packet.dts or 0) * self._tick):
                    self._container.mux(beside)
            self._container.mux(packet)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise errors of FFmpeg as ours, those of the disk first."""
        import av

        try:
            yield
            self._file.check()
        except av.FFmpegError as error:
            self._file.check()
            raise ImageError(
                f"Cannot write these frames as {self._path.suffix} ({error.strerror}): give "
                "another ending, or frames of another size."
            ) from error
