"""What a video has beside its pictures: rate, times, colours, and how a player shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from apanet_core.recordings.videos.colors import VideoColors

if TYPE_CHECKING:
    from av.video.stream import VideoStream

DEFAULT_FPS = Fraction(10)


@dataclass(frozen=True)
class VideoProperties:
    """What a written video takes over from the one that was read.

    Attributes:
        rate: frames a second, as the file says; single frames may be shown at any time.
        tick: the unit of times, seconds; None stands for one frame of a constant rate.
        colors: how colours are written.
        display_matrix: nine numbers by which a player rotates or mirrors; None leaves it as it is.
        pixel_aspect: width of a pixel by its height; None where it is not known.
    """

    rate: Fraction = DEFAULT_FPS
    tick: Fraction | None = None
    colors: VideoColors = field(default_factory=VideoColors)
    display_matrix: tuple[int, ...] | None = None
    pixel_aspect: Fraction | None = None


def properties_of(stream: VideoStream) -> VideoProperties:
    """Return what an opened video has, without the display matrix, which comes with a frame."""
    return VideoProperties(
        stream.guessed_rate or stream.average_rate or DEFAULT_FPS,
        stream.time_base,
        VideoColors.of(stream.codec_context),
        pixel_aspect=stream.sample_aspect_ratio or None,
    )
