"""Writes a video frame by frame, and reads it back before anyone else does."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.recordings.videos.encoder import VideoEncoder
from apanet_core.recordings.videos.formats import format_of
from apanet_core.recordings.videos.properties import VideoProperties
from apanet_core.recordings.videos.reader import count_frames
from apanet_core.recordings.videos.scan import scan_video


class VideoWriter:
    """A video being written; use it as a context manager, and write aside what must be whole.

    At the end of the `with` block the frames are read back and counted. After an error in the
    block, or then, there is no file.

    Attributes:
        left_out: the codecs of sound that the container does not take.
    """

    def __init__(
        self, path: Path, properties: VideoProperties | float, sound: Path | None = None
    ) -> None:
        """Name the file and what it has beside its pictures.

        Args:
            path: of the video; its ending decides how it is written.
            properties: of the video, or only its frames a second.
            sound: a file whose sound is taken over, where the container takes it.

        Raises:
            ConfigError: the ending is unknown.
        """
        if not isinstance(properties, VideoProperties):
            properties = VideoProperties(Fraction(properties).limit_denominator(100_000))
        self.left_out: list[str] = []
        self._path = path
        self._format = format_of(path)
        self._properties = properties
        self._tick = properties.tick or 1 / properties.rate
        self._sound = sound
        self._encoder: VideoEncoder | None = None
        self._shape: tuple[int, ...] = ()
        self._origin = self._start = Fraction(0)
        # A frame waits for the next one, which ends it.
        self._waiting: tuple[ByteImage, int] | None = None
        self._end: Fraction | None = None
        self._count = 0

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        whole = False
        try:
            if error is None:
                self._finish()
                whole = True
        finally:
            if self._encoder is not None:
                self._encoder.close()
                if not whole:
                    self._path.unlink(missing_ok=True)

    def write(
        self, picture: ByteImage, time: Fraction | None = None, end: Fraction | None = None
    ) -> None:
        """Append a frame.

        Args:
            picture: uint8 RGB `[H,W,3]`, of the first one's size.
            time: when it is shown, seconds, after the one before. None: at the constant rate.
            end: until when, where it is the last one.

        Raises:
            ImageError: the video cannot be written there, or the frame is of another size.
            OSError: the disk does not take it.
        """
        if time is None:
            time = self._count / self._properties.rate
        if self._encoder is None:
            self._origin, self._shape = time, picture.shape
            self._start = Fraction(0) if self._format.any_time else time
            self._encoder = self._opened(picture)
        self._check_size(picture)
        start = self._tick_of(time)
        if self._waiting is not None:
            start = max(start, self._waiting[1] + 1)
            self._encode_waiting(start)
        self._waiting = picture, start
        self._end = end or time + 1 / self._properties.rate
        self._count += 1

    def _opened(self, picture: ByteImage) -> VideoEncoder:
        size = picture.shape[0], picture.shape[1]
        encoder = VideoEncoder(
            *(self._path, self._format, self._properties, self._tick, size),
            *(self._sound, self._start),
        )
        self.left_out = encoder.left_out
        return encoder

    def _check_size(self, picture: ByteImage) -> None:
        if picture.shape != self._shape:
            (height, width), (first_height, first_width) = picture.shape[:2], self._shape[:2]
            raise ImageError(
                f"A frame of {width} x {height} px comes after those of {first_width} x "
                f"{first_height} px; a video has one size."
            )

    def _tick_of(self, time: Fraction) -> int:
        # From the first frame on, so that a constant rate comes out constant wherever it begins.
        begin = round((self._origin - self._start) / self._tick)
        return begin + round((time - self._origin) / self._tick)

    def _encode_waiting(self, end: int) -> None:
        if self._encoder is not None and self._waiting is not None:
            picture, start = self._waiting
            self._encoder.add(picture, start, max(1, end - start))

    def _finish(self) -> None:
        if self._encoder is None or self._end is None:
            return
        self._encode_waiting(self._tick_of(self._end))
        self._encoder.finish()
        if (found := self._count_written()) != self._count:
            raise ImageError(
                f"{self._path.name} was written with {self._count} frames and holds {found}: write "
                "it again, on another disk or with another ending."
            )

    def _count_written(self) -> int:
        if self._format.is_kept:
            return count_frames(self._path)
        return len(scan_video(self._path).ticks)
