"""An animated before and after: a line wanders over rainy frames and leaves them derained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.output_files import written_aside
from apanet_core.recordings.comparison import CAPTIONS, write_caption

if TYPE_CHECKING:
    from PIL import Image

ENDINGS = (".gif", ".webp")
_HOLD = 0.12
"""Share of the animation for which it stays all rainy, and again all derained."""
_LINE_PX = 3
_GIF_COLORS = 128


@dataclass(frozen=True)
class AnimationOptions:
    """How an animation is made.

    Attributes:
        width: of its frames, pixels; larger pictures are made smaller.
        fps: frames a second.
        quality: of WebP, 1 to 100; GIF has none.
    """

    width: int = 560
    fps: float = 10.0
    quality: int = 70


def write_animation(
    pairs: Iterable[tuple[ByteImage, ByteImage]],
    count: int,
    target: Path,
    options: AnimationOptions,
    force: bool = False,
) -> int:
    """Write pairs of rainy and derained pictures as an animation that repeats for ever.

    Args:
        pairs: uint8 RGB `[H,W,3]` each, of one size, in the order of time.
        count: how many they are at most.
        target: a name that ends in one of `ENDINGS`; WebP is smaller and has all colours.
        options: as above.
        force: replace an existing `target`.

    Returns:
        How many frames it has.

    Raises:
        ConfigError: another ending, or `target` exists and `force` is not given.
        ImageError: there is no pair.
    """
    if target.suffix.lower() not in ENDINGS:
        raise ConfigError(f"{target} is no animation; it ends in {' or '.join(ENDINGS)}.")
    frames = [
        wiped(_smaller(rainy, options.width), _smaller(derained, options.width), place)
        for (rainy, derained), place in zip(pairs, line_places(count), strict=False)
    ]
    if not frames:
        raise ImageError("There is no pair to animate.")
    with written_aside(target, force) as aside:
        _save(frames, aside, options)
    return len(frames)


def line_places(count: int) -> list[float]:
    """Return where the line stands in each frame: 1 leaves it all rainy, 0 all derained."""
    return [_place((number + 0.5) / count) for number in range(count)]


def wiped(rainy: ByteImage, derained: ByteImage, place: float) -> ByteImage:
    """Return rainy left of the line and derained right of it, uint8 RGB `[H,W,3]`.

    Args:
        rainy, derained: uint8 RGB of one size.
        place: of the line, 0 to 1 of the width; at both ends there is no line.
    """
    left, right = rainy.copy(), derained.copy()
    write_caption(left, CAPTIONS[0], 10)
    write_caption(right, CAPTIONS[1], right.shape[1] - 12, to_the_left=True)
    column = round(place * rainy.shape[1])
    picture = np.concatenate([left[:, :column], right[:, column:]], axis=1)
    if 0 < column < rainy.shape[1]:
        picture[:, max(0, column - _LINE_PX // 2) : column + _LINE_PX // 2 + 1] = 255
    return picture


def _place(time: float) -> float:
    """Hold all rainy, wipe, hold all derained, wipe back; `time` and the place are 0 to 1."""
    there = (time if time <= 0.5 else 1.0 - time) * 2
    return float(np.clip(1.0 - (there - _HOLD) / (1 - 2 * _HOLD), 0.0, 1.0))


def _smaller(picture: ByteImage, width: int) -> ByteImage:
    if picture.shape[1] <= width:
        return picture
    height = round(picture.shape[0] * width / picture.shape[1])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _save(frames: Sequence[ByteImage], path: Path, options: AnimationOptions) -> None:
    # Only here: it comes with the extra `tools`.
    from PIL import Image

    pictures: list[Image.Image] = [Image.fromarray(frame) for frame in frames]
    duration = round(1000 / options.fps)
    if path.suffix.lower() == ".gif":
        pictures = [_with_palette(picture) for picture in pictures]
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=duration, loop=0)
        return
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=duration,
        loop=0,
        quality=options.quality,
        method=6,
    )


def _with_palette(picture: Image.Image) -> Image.Image:
    """Return it with colours of its own, unmixed: dots of mixed ones would triple the file."""
    from PIL import Image

    return picture.quantize(_GIF_COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
