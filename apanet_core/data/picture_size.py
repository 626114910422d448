"""The size of a picture, from the first bytes of its file where that is enough."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_rgb

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8"
# The start of a frame, which holds the size; 0xC4, 0xC8 and 0xCC between them are other things.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Exif may say that the picture lies on its side, which reading undoes; 0xFF is padding.
JPEG_UNCERTAIN = frozenset({0xE1, 0xFF})


def picture_size(path: Path) -> tuple[int, int]:
    """Return `(height, width)` in pixels, as `read_rgb` would return the picture.

    PNG and JPEG files are not decoded; thousands of them take a second.

    Raises:
        ImageError: the file is missing or no picture; the message names it.
    """
    try:
        with path.open("rb") as file:
            size = _size_in_header(file)
    except OSError as error:
        raise ImageError(f"Cannot read {path}: {error.strerror}.") from error
    if size is None:
        height, width = read_rgb(path).shape[:2]
        size = height, width
    return size


def _size_in_header(file: BinaryIO) -> tuple[int, int] | None:
    start = file.read(24)
    if start.startswith(PNG_SIGNATURE) and len(start) == 24:
        width, height = struct.unpack(">II", start[16:24])
        return height, width
    if start.startswith(JPEG_SIGNATURE):
        file.seek(len(JPEG_SIGNATURE))
        return _jpeg_size(file)
    return None


def _jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    """Go from segment to segment to the start of the frame."""
    while len(segment := file.read(4)) == 4 and segment[0] == 0xFF:
        _, marker, length = struct.unpack(">BBH", segment)
        if marker in JPEG_FRAMES:
            frame = file.read(5)
            return struct.unpack(">HH", frame[1:]) if len(frame) == 5 else None
        if marker in JPEG_UNCERTAIN:
            return None
        file.seek(length - 2, 1)
    return None
