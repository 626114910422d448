"""Pictures in and out of files, always as RGB."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.output_files import replaced

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures in a folder, sorted by name.

    Raises:
        ImageError: the folder is missing or holds no picture.
    """
    if not folder.is_dir():
        raise ImageError(f"No folder {folder}: check the path.")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    if not found:
        raise ImageError(f"No pictures in {folder} ({', '.join(sorted(IMAGE_SUFFIXES))}).")
    return found


def read_rgb(path: str | Path) -> ByteImage:
    """Read a picture as uint8 RGB `[H,W,3]`; a grey one is repeated, an alpha channel dropped.

    Raises:
        ImageError: the file is missing or no picture; the message names it.
    """
    path = Path(path)
    if not path.is_file():
        raise ImageError(f"No image {path}: check the path.")
    # Reading the bytes first keeps OpenCV from printing its own warnings and copes with any name.
    data = np.fromfile(path, np.uint8)
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if bgr is None:
        raise ImageError(f"Cannot read {path} as an image: it is damaged or of another kind.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def write_rgb(path: str | Path, image: ByteImage) -> None:
    """Write uint8 RGB `[H,W,3]` in the format of the path's ending; the file is whole or absent.

    Raises:
        ImageError: the ending is unknown to OpenCV.
    """
    write_rgb_together({Path(path): image})


def write_rgb_together(pictures: Mapping[Path, ByteImage]) -> None:
    """Write pictures as `write_rgb` does; where one cannot be written, none is."""
    encoded = {path: _encode_for(path, image) for path, image in pictures.items()}
    with ExitStack() as asides:
        for path, data in encoded.items():
            asides.enter_context(replaced(path)).write_bytes(data)


def check_picture_name(path: str | Path) -> None:
    """Raise `ImageError` unless a picture can be written under that name."""
    _encode_for(Path(path), np.zeros((8, 8, 3), np.uint8))


def encode_rgb(image: ByteImage, suffix: str, jpeg_quality: int = 95) -> bytes:
    """Return uint8 RGB `[H,W,3]` as a file of that ending would hold it.

    Args:
        image: the picture.
        suffix: `.png`, `.jpg` and so on.
        jpeg_quality: 0 to 100, for JPEG.

    Raises:
        ImageError: the ending is unknown to OpenCV.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality] if suffix in (".jpg", ".jpeg") else []
    try:
        encoded, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    except cv2.error:
        encoded = False
    if not encoded:
        raise ImageError(f"No picture format has the ending '{suffix}': use .png or .jpg.")
    return bytes(data)


def _encode_for(path: Path, image: ByteImage) -> bytes:
    try:
        return encode_rgb(image, path.suffix)
    except ImageError as error:
        raise ImageError(
            f"Cannot write {path}: use a known ending, such as .png or .jpg."
        ) from error
