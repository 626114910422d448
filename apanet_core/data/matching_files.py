"""Folders whose pictures belong together by stem."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from apanet_core.data.crop import Size
from apanet_core.data.picture_size import picture_size
from apanet_core.errors import ImageError
from apanet_core.imaging.files import pictures_in, read_rgb
from apanet_core.imaging.types import ByteImage


def matching_pictures(folders: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Match the pictures of some folders by stem.

    Returns:
        One tuple a stem, sorted by stem, each with a file of every folder in the order given.

    Raises:
        ImageError: a folder is missing or empty, pictures in a folder share a stem, or pictures
            have no partner in another folder (listed by name).
    """
    found = [_by_stem(folder) for folder in folders]
    common = set.intersection(*(set(pictures) for pictures in found))
    unpaired = sorted(
        str(picture)
        for pictures in found
        for stem, picture in pictures.items()
        if stem not in common
    )
    if unpaired:
        raise ImageError(f"Pictures without a partner of the same stem: {', '.join(unpaired)}.")
    return [tuple(pictures[stem] for pictures in found) for stem in sorted(common)]


def read_matching(files: Sequence[Path]) -> list[ByteImage]:
    """Read pictures that belong together as uint8 RGB `[H,W,3]` of one size.

    Raises:
        ImageError: one cannot be read, or their sizes differ; the message names the files.
    """
    pictures = [read_rgb(path) for path in files]
    _require_one_size(files, [(len(picture), len(picture[0])) for picture in pictures])
    return pictures


def matching_size(files: Sequence[Path]) -> Size:
    """Return the one size of pictures that belong together; as quick as `picture_size`.

    Raises:
        ImageError: one is missing or no picture, or their sizes differ; the message names the
            files.
    """
    sizes = [picture_size(path) for path in files]
    _require_one_size(files, sizes)
    return sizes[0]


def _require_one_size(files: Sequence[Path], sizes: Sequence[Size]) -> None:
    height, width = sizes[0]
    for path, size in zip(files, sizes, strict=True):
        if size != sizes[0]:
            raise ImageError(
                f"{files[0]} is {width}x{height}, {path} is {size[1]}x{size[0]}: "
                "the views of a pair need one size."
            )


def _by_stem(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for picture in pictures_in(folder):
        if picture.stem in found:
            raise ImageError(f"{found[picture.stem]} and {picture} share a stem: keep one.")
        found[picture.stem] = picture
    return found
