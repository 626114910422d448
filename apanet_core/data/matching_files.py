"""Folders whose pictures belong together by stem."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
    for path, picture in zip(files[1:], pictures[1:], strict=True):
        if picture.shape != pictures[0].shape:
            raise ImageError(
                f"{files[0]} is {_size(pictures[0])}, {path} is {_size(picture)}: "
                "the views of a pair need one size."
            )
    return pictures


def _size(picture: ByteImage) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"


def _by_stem(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for picture in pictures_in(folder):
        if picture.stem in found:
            raise ImageError(f"{found[picture.stem]} and {picture} share a stem: keep one.")
        found[picture.stem] = picture
    return found
