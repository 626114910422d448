"""The size of a picture, without decoding it where that is enough."""

from __future__ import annotations

from pathlib import Path

from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_rgb

LIES_ON_ITS_SIDE = 5
"""From this orientation on, as Exif counts them, width and height change places."""


def picture_size(path: Path) -> tuple[int, int]:
    """Return `(height, width)` in pixels, as `read_rgb` would return the picture.

    Files are read up to their size, not decoded; thousands of them take a second. Only those
    that may lie on their side are, for which of them are turned is OpenCV's to say.

    Raises:
        ImageError: the file is missing or no picture; the message names it.
        ModuleNotFoundError: Pillow is not installed.
    """
    from PIL import ExifTags, Image

    try:
        with Image.open(path) as picture:
            # Asked for Exif that is not in front, Pillow decodes a whole PNG to look behind it.
            in_front = picture.format == "TIFF" or "exif" in picture.info
            exif = picture.getexif() if in_front else {}
            if exif.get(ExifTags.Base.Orientation, 0) < LIES_ON_ITS_SIDE:
                return picture.height, picture.width
    except Image.DecompressionBombError:
        pass  # Large, but reading may take it.
    except OSError as error:
        if error.strerror is not None:
            raise ImageError(f"Cannot read {path}: {error.strerror}.") from error
        # Pillow's own word. Whether it is a picture, reading decides.
    height, width = read_rgb(path).shape[:2]
    return height, width
