"""Videos in and out of files, frame by frame, always as RGB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.types import ByteImage

CODECS = {".avi": "MJPG", ".m4v": "mp4v", ".mkv": "FFV1", ".mov": "mp4v", ".mp4": "mp4v"}
"""How a video is written, by the ending of its name; FFV1 loses nothing."""
LOSSLESS_SUFFIX = ".mkv"
DEFAULT_FPS = 10.0
_FFMPEG_LOG = "OPENCV_FFMPEG_LOGLEVEL"
_FFMPEG_QUIET = "-8"


class VideoReader:
    """A video opened for reading; use it as a context manager.

    Attributes:
        fps: frames a second; 10 where the file does not say.
        count: how many frames the file says it holds.
    """

    def __init__(self, path: Path) -> None:
        """Open `path`; raises `ImageError` when it is missing or no video."""
        if not path.is_file():
            raise ImageError(f"No video {path}: check the path.")
        self._path = path
        with _silence():
            self._video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        self.count = int(self._video.get(cv2.CAP_PROP_FRAME_COUNT))
        if not self._video.isOpened() or self.count < 1:
            raise ImageError(
                f"Cannot read {path} as a video: it is damaged, unfinished or of a codec that "
                "OpenCV lacks; convert it, for example to H.264 in .mp4."
            )
        self.fps = float(self._video.get(cv2.CAP_PROP_FPS)) or DEFAULT_FPS

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._video.release()

    def frames(self, first: int = 0) -> Iterator[ByteImage]:
        """Yield the frames from number `first` on, uint8 RGB `[H,W,3]`."""
        for _ in range(first):
            self._video.grab()
        while True:
            read, frame = self._video.read()
            if not read:
                return
            yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)


class VideoWriter:
    """A video being written; use it as a context manager, and write aside what must be whole."""

    def __init__(self, path: Path, fps: float) -> None:
        """Name the file and its frames a second; raises `ConfigError` for an unknown ending."""
        check_video_name(path)
        self._path = path
        self._fps = fps
        self._video: cv2.VideoWriter | None = None
        self._size: tuple[int, ...] = ()

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._video is not None:
            self._video.release()

    def write(self, frame: ByteImage) -> None:
        """Append a frame, uint8 RGB `[H,W,3]`, of the first one's size.

        Raises:
            ImageError: the video cannot be written there, or the frame is of another size.
        """
        size = frame.shape[1::-1]
        if self._video is None:
            self._video, self._size = self._opened(frame), size
        if size != self._size:  # OpenCV would leave it out without a word.
            (width, height), (first_width, first_height) = size, self._size
            raise ImageError(
                f"Cannot write {self._path}: a frame of {width} x {height} px comes after those of "
                f"{first_width} x {first_height} px; a video has one size."
            )
        self._video.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))

    def _opened(self, frame: ByteImage) -> cv2.VideoWriter:
        codec = cv2.VideoWriter.fourcc(*CODECS[self._path.suffix.lower()])
        size = frame.shape[1], frame.shape[0]
        with _silence():
            video = cv2.VideoWriter(str(self._path), cv2.CAP_FFMPEG, codec, self._fps, size)
        if not video.isOpened():
            raise ImageError(f"Cannot write the video {self._path}: give another ending or folder.")
        return video


@contextmanager
def _silence() -> Iterator[None]:
    """Keep OpenCV and FFmpeg from printing what they think of a file; the error says it once.

    FFmpeg's level is read when a process first opens a video.
    """
    level = cv2.utils.logging.getLogLevel()
    before = os.environ.get(_FFMPEG_LOG)
    os.environ[_FFMPEG_LOG] = _FFMPEG_QUIET
    cv2.utils.logging.setLogLevel(0)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
        if before is None:
            del os.environ[_FFMPEG_LOG]
        else:
            os.environ[_FFMPEG_LOG] = before


def check_video_name(path: Path) -> None:
    """Raise `ConfigError` unless the name ends as a video that can be written."""
    if path.suffix.lower() not in CODECS:
        raise ConfigError(f"{path} is no name of a video; it ends in {', '.join(sorted(CODECS))}.")


def split_views(frame: ByteImage) -> tuple[ByteImage, ByteImage]:
    """Return the left and the right half of a side-by-side frame.

    Raises:
        ImageError: its width is odd.
    """
    width = frame.shape[1]
    if width % 2:
        raise ImageError(
            f"A side-by-side frame of {width} px has no two equal halves: crop the video, or give "
            "two videos."
        )
    return frame[:, : width // 2], frame[:, width // 2 :]
