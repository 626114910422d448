"""A video file opened with FFmpeg, or a sentence why it cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from apanet_core.errors import ImageError
from apanet_core.recordings.videos.formats import require_av

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """Open a file and its main video.

    Raises:
        ImageError: it is missing or no video.
        OSError: it may not be read.
    """
    require_av()
    import av

    if not path.is_file():
        raise ImageError(f"No video {path}: check the path.")
    try:
        container = av.open(str(path))
    except PermissionError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    except (av.FFmpegError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error
    stream = cast("VideoStream | None", container.streams.best("video"))
    if stream is None or stream.codec_context is None or not stream.width:
        container.close()
        raise _unreadable(path)
    return container, stream


def _unreadable(path: Path) -> ImageError:
    return ImageError(
        f"Cannot read {path} as a video: it is damaged, unfinished or of a codec that FFmpeg "
        "lacks; convert it, for example to H.264 in .mp4."
    )
