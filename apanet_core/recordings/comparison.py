"""Rainy beside derained, as pictures or as a video."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from apanet_core.evaluation.pictures import side_by_side
from apanet_core.imaging.files import write_rgb
from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import eight_bits
from apanet_core.output_files import refuse_existing, written_aside
from apanet_core.progress import progress
from apanet_core.recordings.inputs import VIDEO_SUFFIXES
from apanet_core.recordings.videos import (
    VideoProperties,
    VideoWriter,
    check_video_name,
    is_video_name,
)

CAPTIONS = ("rainy", "derained")
NUMBERED = "[0-9]" * 6 + ".jpg"
"""Pattern of a comparison's pictures where the pairs have no names."""


class Compared(NamedTuple):
    """A pair before and after.

    Attributes:
        name: of the pair.
        rainy, derained: its views, uint8 or uint16 RGB `[H,W,3]`.
        time, end: from when until when a video shows it, seconds; None: at a constant rate.
    """

    name: str
    rainy: Sequence[Picture]
    derained: Sequence[Picture]
    time: Fraction | None = None
    end: Fraction | None = None


Timed = tuple[ByteImage, Fraction | None, Fraction | None]
"""A picture, uint8 RGB `[H,W,3]`, and its times as in `Compared`."""


def check_comparison(path: Path, force: bool, names: Iterable[str] = (NUMBERED,)) -> None:
    """Raise `ConfigError` when a comparison of that name cannot be written.

    Args:
        path: of the comparison.
        force: replace what is there, but no folder that holds more than `names`.
        names: patterns of the pictures in a folder.
    """
    if path.suffix.lower() in VIDEO_SUFFIXES | {".gif", ".webp"}:
        check_video_name(path)
    refuse_existing(path, force, () if is_video_name(path) else names)


def write_comparison(
    pairs: Iterable[Compared],
    target: Path,
    properties: VideoProperties | float,
    count: int,
    force: bool = False,
    names: Iterable[str] = (),
) -> int:
    """Write every pair, rainy on the left, derained on the right, the left view above the right.

    Returns how many had to be fitted onto the first one's size, as in `write_video`.

    Args:
        pairs: one at a time, in the order of time.
        target: a video by its ending, else a folder of pictures that carry the pairs' names.
        properties: of the video, or only its frames a second.
        count: how many pairs, for the progress bar.
        force: replace an existing `target`.
        names: as `check_comparison`.

    Raises:
        ConfigError: `target` exists and `force` is not given, or it holds something else.
        ImageError: the video cannot be written.
    """
    drawn = progress(_drawn(pairs), "compare", count, unit="pair")
    with written_aside(target, force, () if is_video_name(target) else names) as aside:
        if is_video_name(target):
            return _write_timed((timed for _, timed in drawn), aside, properties)
        aside.mkdir()
        for name, (picture, _, _) in drawn:
            write_rgb(aside / f"{name}.jpg", picture)
    return 0


def write_video(pictures: Iterable[ByteImage], path: Path, fps: float) -> int:
    """Write pictures as a video of the first one's size, and return how many were fitted onto it.

    Args:
        pictures: uint8 RGB `[H,W,3]`, in the order of time. One of another size is scaled, keeping
            its shape, and the rest of the frame is black.
        path: the video; its ending decides how it is written.
        fps: frames a second.

    Raises:
        ImageError: the video cannot be written.
    """
    return _write_timed(((picture, None, None) for picture in pictures), path, fps)


def _write_timed(pictures: Iterable[Timed], path: Path, properties: VideoProperties | float) -> int:
    shape: tuple[int, ...] | None = None
    fitted_count = 0
    with VideoWriter(path, properties) as video:
        for picture, time, end in pictures:
            shape = shape or picture.shape
            fits = picture.shape == shape
            fitted_count += not fits
            video.write(picture if fits else fitted(picture, *shape[:2]), time, end)
    return fitted_count


def fitted(picture: ByteImage, height: int, width: int) -> ByteImage:
    """Return uint8 RGB `[height,width,3]` with the whole picture in its middle, on black."""
    scale = min(height / picture.shape[0], width / picture.shape[1])
    rows, columns = (max(1, round(side * scale)) for side in picture.shape[:2])
    frame = np.zeros((height, width, 3), np.uint8)
    top, left = (height - rows) // 2, (width - columns) // 2
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    frame[top : top + rows, left : left + columns] = cv2.resize(
        picture, (columns, rows), interpolation=way
    )
    return frame


def compared(rainy: Sequence[Picture], derained: Sequence[Picture]) -> ByteImage:
    """Return both side by side under their captions, uint8 RGB of even height and width.

    Args:
        rainy, derained: both views, or one; uint8 or uint16 RGB `[H,W,3]`; views stand below each
            other.
    """
    picture = side_by_side([[*map(eight_bits, views)] for views in (rainy, derained)])
    half = picture.shape[1] // 2
    for number, caption in enumerate(CAPTIONS):
        write_caption(picture, caption, 8 + number * (half + 3))
    # Video codecs keep colour at half the resolution and want even sides.
    bottom, right = (side % 2 for side in picture.shape[:2])
    even = cv2.copyMakeBorder(picture, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(even, np.uint8)


def write_caption(picture: ByteImage, text: str, column: int, to_the_left: bool = False) -> None:
    """Write into uint8 RGB `[H,W,3]`, at the top, from a column on or up to it."""
    scale = max(0.4, picture.shape[0] / 900)
    font = cv2.FONT_HERSHEY_SIMPLEX
    if to_the_left:
        (width, _), _ = cv2.getTextSize(text, font, scale, 1)
        column -= width
    place = column, round(28 * scale) + 4
    for color, width in (((0, 0, 0), 4), ((255, 255, 255), 1)):
        cv2.putText(picture, text, place, font, scale, color, width, cv2.LINE_AA)


def _drawn(pairs: Iterable[Compared]) -> Iterator[tuple[str, Timed]]:
    return (
        (pair.name, (compared(pair.rainy, pair.derained), pair.time, pair.end)) for pair in pairs
    )
