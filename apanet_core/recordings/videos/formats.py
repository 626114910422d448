"""How a video is written, by the ending of its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from apanet_core.errors import ConfigError


@dataclass(frozen=True)
class VideoFormat:
    """A container and what is put into it.

    Attributes:
        container: FFmpeg's name of it.
        codec: FFmpeg's name of the encoder.
        pixels: FFmpeg's name of the pixel format.
        odd_pixels: the one for an odd width or height.
        options: of the encoder.
        jpeg_colors: whether it has JPEG's matrix and range; else those of the input.
        any_time: whether a frame may have any time; else time begins at 0, and goes in steps.
        display_matrix: whether it holds a rotation for the player.
        is_kept: whether it is for a person; a piece is decoded again soon and costs less to check.
    """

    container: str
    codec: str
    pixels: str
    odd_pixels: str
    options: Mapping[str, str] = field(default_factory=dict)
    jpeg_colors: bool = False
    any_time: bool = True
    display_matrix: bool = True
    is_kept: bool = True


def _h264(container: str) -> VideoFormat:
    """H.264 at a quality that the eye cannot tell from the input.

    Colour at half the resolution plays everywhere, and cannot have an odd width or height. Without
    frames out of order the last frame in the file is the last one shown, and keeps its duration.
    """
    options = {"crf": "16", "preset": "fast", "bf": "0"}
    return VideoFormat(container, "libx264", "yuv420p", "yuv444p", options)


# Each frame by itself: a damaged spot costs one.
_FFV1 = {"level": "3", "g": "1", "slicecrc": "1"}

FORMATS = {
    ".avi": VideoFormat(
        *("avi", "mjpeg", "yuv420p", "yuv420p", {"qmin": "1", "qmax": "2"}),
        jpeg_colors=True,
        any_time=False,
        display_matrix=False,
    ),
    ".m4v": _h264("mp4"),
    ".mkv": VideoFormat("matroska", "ffv1", "bgr0", "bgr0", _FFV1),
    ".mov": _h264("mov"),
    ".mp4": _h264("mp4"),
}
"""Those that a person may ask for; `.mkv` loses nothing."""

OLDEST_AV = 17
LOSSLESS_SUFFIX = ".mkv"
PIECE_SUFFIX = ".nut"
"""Of what is written between; it loses nothing and keeps times as exactly as the input has them."""
_PIECE = VideoFormat("nut", "ffv1", "bgr0", "bgr0", _FFV1, display_matrix=False, is_kept=False)


def is_video_name(path: Path) -> bool:
    """Whether a name ends as a video that can be written."""
    return path.suffix.lower() in FORMATS


def check_video_name(path: Path) -> None:
    """Raise `ConfigError` unless the name ends as a video that can be written, as `require_av`."""
    require_av()
    if not is_video_name(path):
        raise ConfigError(f"{path} is no name of a video; it ends in {', '.join(sorted(FORMATS))}.")


def require_av() -> None:
    """Raise before the work, not after it, where there is no PyAV or one that is too old.

    Raises:
        ModuleNotFoundError: it is not installed.
        ConfigError: it is too old.
    """
    import av

    if int(av.__version__.partition(".")[0]) < OLDEST_AV:
        raise ConfigError(
            f"PyAV {av.__version__} is too old for videos: pip install 'av>={OLDEST_AV}'."
        )


def format_of(path: Path) -> VideoFormat:
    """Return how a file of that name is written; raises `ConfigError` for an unknown ending."""
    if path.suffix == PIECE_SUFFIX:
        return _PIECE
    check_video_name(path)
    return FORMATS[path.suffix.lower()]
