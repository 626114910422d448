"""Pictures in and out of files, always as RGB."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.picture_codec import StoredPicture, decode_picture, encode_picture
from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import WhiteLevel, eight_bits
from apanet_core.name_list import name_list
from apanet_core.output_files import replaced

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)

_log = logging.getLogger(__name__)


def is_picture_name(path: Path) -> bool:
    """Whether a path ends as pictures do; hidden files are none, such as macOS's `._a.png`."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures in a folder, sorted by name.

    Links that lead nowhere are left out, with a warning that names them.

    Raises:
        ImageError: the folder is missing or holds no picture.
    """
    found, dangling = listed_pictures(folder)
    warn_of_dangling(dangling)
    return found


def listed_pictures(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the pictures in a folder and its links that lead nowhere; errors as `pictures_in`."""
    if not folder.is_dir():
        raise ImageError(f"No folder {folder}: check the path.")
    found, dangling = reachable(filter(is_picture_name, folder.iterdir()))
    if not found:
        raise ImageError(f"No pictures in {folder} ({', '.join(sorted(IMAGE_SUFFIXES))}).")
    return found, dangling


def reachable(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the paths that lead somewhere, and the links that lead nowhere, each sorted."""
    kept: list[Path] = []
    dangling: list[Path] = []
    for path in sorted(paths):
        (dangling if path.is_symlink() and not path.exists() else kept).append(path)
    return kept, dangling


def warn_of_dangling(links: Sequence[Path]) -> None:
    """Log that links lead nowhere and are left out, with their names."""
    if links:
        named = name_list(f"{link} (to {link.readlink()})" for link in links)
        _log.warning("Links that lead nowhere are left out, with their partners: %s.", named)


def read_stored(path: str | Path) -> StoredPicture:
    """Read a picture as its file holds it, with its bits, range and alpha.

    Raises:
        ImageError: the file is missing or no whole picture; the message names it.
    """
    path = Path(path)
    if not path.is_file():
        link = f" (a link to {path.readlink()})" if path.is_symlink() else ""
        raise ImageError(f"No image {path}{link}: check the path.")
    try:
        return decode_picture(path.read_bytes())
    except ImageError as error:
        raise ImageError(f"Cannot read {path} as an image: {error}.") from error


def read_picture(path: str | Path, level: WhiteLevel | None = None) -> Picture:
    """Read a picture as uint8, or of more bits as uint16 of full range, RGB `[H,W,3]`.

    Args:
        path: the file.
        level: of the pictures that it belongs to; None takes it from the file alone.

    Raises:
        ImageError: as `read_stored`, or its range is not known; see `found_white`.
    """
    (picture,) = pictures_of([path], [read_stored(path)], level or WhiteLevel())
    return picture


def read_rgb(path: str | Path) -> ByteImage:
    """Read a picture as uint8 RGB `[H,W,3]`: gray repeated, alpha dropped, 16 bits rounded to 8.

    Raises:
        ImageError: as `read_picture`; the message names the file.
    """
    return eight_bits(read_picture(path))


def pictures_of(
    paths: Iterable[str | Path], stored: Iterable[StoredPicture], level: WhiteLevel
) -> list[Picture]:
    """Return pictures that belong together, scaled alike, as `WhiteLevel.pictures`.

    Raises:
        ImageError: the range of one is not known; the message names its file.
    """
    stored = list(stored)
    for path, each in zip(paths, stored, strict=True):
        try:
            level.see(each.pixels, each.white)
        except ImageError as error:
            raise ImageError(f"Cannot read {path} as an image: {error}.") from error
    return level.scaled([each.pixels for each in stored])


def write_rgb(path: str | Path, image: Picture) -> None:
    """Write RGB `[H,W,3]` in the format of the path's ending; the file is whole or absent.

    uint16, of full range, is rounded to 8 bits where the format holds no more.

    Raises:
        ImageError: the ending is unknown to OpenCV.
    """
    write_rgb_together({Path(path): image})


def write_rgb_together(pictures: Mapping[Path, Picture]) -> None:
    """Write pictures as `write_rgb` does; where one cannot be written, none is."""
    write_stored_together({path: stored_in_full(image) for path, image in pictures.items()})


def write_stored_together(pictures: Mapping[Path, StoredPicture]) -> None:
    """Write stored pictures, whole or not at all; where one cannot be written, none is.

    Raises:
        ImageError: an ending is unknown to OpenCV.
    """
    encoded = {path: _encode_for(path, stored) for path, stored in pictures.items()}
    with ExitStack() as asides:
        for path, data in encoded.items():
            asides.enter_context(replaced(path)).write_bytes(data)


def check_picture_name(path: str | Path) -> None:
    """Raise `ImageError` unless a picture can be written under that name."""
    _encode_for(Path(path), stored_in_full(np.zeros((8, 8, 3), np.uint8)))


def encode_rgb(image: ByteImage, suffix: str, jpeg_quality: int = 95) -> bytes:
    """Return uint8 RGB `[H,W,3]` as a file of that ending would hold it; see `encode_picture`."""
    return encode_picture(stored_in_full(image), suffix, jpeg_quality)


def stored_in_full(image: Picture) -> StoredPicture:
    """Return a picture to be stored with all the range of its type."""
    return StoredPicture(np.asarray(image, np.uint16 if image.dtype == np.uint16 else np.uint8))


def _encode_for(path: Path, stored: StoredPicture) -> bytes:
    try:
        return encode_picture(stored, path.suffix)
    except ImageError as error:
        raise ImageError(
            f"Cannot write {path}: use a known ending, such as .png or .jpg."
        ) from error
