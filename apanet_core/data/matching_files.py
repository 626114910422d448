"""Pictures that belong together by name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from apanet_core.data.crop import Size
from apanet_core.data.picture_size import picture_size
from apanet_core.data.view_names import view_name
from apanet_core.errors import ImageError
from apanet_core.imaging.files import (
    is_picture_name,
    listed_pictures,
    pictures_of,
    reachable,
    read_stored,
    warn_of_dangling,
)
from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import WhiteLevel, eight_bits
from apanet_core.name_list import name_list

Key = Callable[[Path], str]
"""What two files share that belong together."""

_log = logging.getLogger(__name__)


def matching_pictures(folders: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Match the pictures of some folders by stem, or by what `view_name` finds in their stems.

    Links that lead nowhere are left out with their partners, and named in a warning.

    Returns:
        One tuple a name, sorted by name, each with a file of every folder in the order given.

    Raises:
        ImageError: a folder is missing or empty, pictures in a folder share a stem, or pictures
            have no partner in another folder (listed by name).
    """
    listed = [listed_pictures(folder) for folder in folders]
    found = [pictures for pictures, _ in listed]
    key = _stem if _matches(found, _stem) >= _matches(found, _scene) else _scene
    return _matched(found, [link for _, links in listed for link in links], key)


def pairs_within(folder: Path) -> list[tuple[Path, ...]]:
    """Match left and right pictures that lie in one folder; empty where no two belong together.

    Other pictures are left out, with a warning that names them.

    Raises:
        ImageError: a picture says that it is a view, and the other one is missing.
    """
    if not holds_pairs(folder):
        return []
    pictures, dangling = reachable(filter(is_picture_name, folder.iterdir()))
    if others := [path for path in pictures if view_name(path.stem).side is None]:
        _log.warning("Pictures whose names tell no view are left out: %s.", name_list(others))
    return _matched(_sides(pictures), dangling, _scene)


def holds_pairs(folder: Path) -> bool:
    """Whether a left and a right picture of one scene lie in a folder, by their names."""
    return _matches(_sides(sorted(filter(is_picture_name, folder.iterdir()))), _scene) > 0


def read_matching(files: Sequence[Path]) -> list[ByteImage]:
    """Read pictures that belong together as uint8 RGB `[H,W,3]` of one size.

    Raises:
        ImageError: one cannot be read, or their sizes differ; the message names the files.
    """
    return [eight_bits(picture) for picture in read_matching_pictures(files)]


def read_matching_pictures(files: Sequence[Path], level: WhiteLevel | None = None) -> list[Picture]:
    """Read pictures that belong together as RGB `[H,W,3]` of one size and type, scaled alike.

    Args:
        files: of the pictures.
        level: of the recording that they belong to; None takes it from these files alone.

    Raises:
        ImageError: as `read_matching`.
    """
    stored = [read_stored(path) for path in files]
    require_one_size(files, [each.pixels.shape[:2] for each in stored])
    return pictures_of(files, stored, level or WhiteLevel())


def matching_size(files: Sequence[Path]) -> Size:
    """Return the one size of pictures that belong together; as quick as `picture_size`.

    Raises:
        ImageError: one is missing or no picture, or their sizes differ; the message names the
            files.
    """
    sizes = [picture_size(path) for path in files]
    require_one_size(files, sizes)
    return sizes[0]


def require_one_size(files: Sequence[Path], sizes: Sequence[tuple[int, ...]]) -> None:
    """Raise `ImageError` unless all sizes, `(height, width)`, are the first one's."""
    height, width = sizes[0]
    for path, size in zip(files, sizes, strict=True):
        if size != sizes[0]:
            raise ImageError(
                f"{files[0]} is {width}x{height}, {path} is {size[1]}x{size[0]}: "
                "the views of a pair need one size."
            )


def _stem(path: Path) -> str:
    return path.stem


def _scene(path: Path) -> str:
    return view_name(path.stem).scene


def _sides(pictures: Sequence[Path]) -> list[list[Path]]:
    """Return the left pictures and the right ones."""
    return [[path for path in pictures if view_name(path.stem).side == side] for side in (0, 1)]


def _matches(found: Sequence[Sequence[Path]], key: Key) -> int:
    """Return how many names all lists share; 0 where two pictures of one list have one name."""
    names = [[key(path) for path in pictures] for pictures in found]
    if any(len(set(each)) < len(each) for each in names):
        return 0
    return len(set.intersection(*map(set, names)))


def _matched(
    found: Sequence[Sequence[Path]], dangling: Sequence[Path], key: Key
) -> list[tuple[Path, ...]]:
    """Return a tuple for each name, without the partners of links that lead nowhere."""
    warn_of_dangling(dangling)
    lost = set(map(key, dangling))
    tables = [_table(pictures, key) for pictures in found]
    common = set.intersection(*map(set, tables)) - lost
    alone = sorted(
        str(path)
        for table in tables
        for name, path in table.items()
        if name not in common and name not in lost
    )
    if alone:
        raise ImageError(f"Pictures without a partner of the same stem: {name_list(alone)}.")
    return [tuple(table[name] for table in tables) for name in sorted(common)]


def _table(pictures: Sequence[Path], key: Key) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for picture in pictures:
        if (name := key(picture)) in found:
            raise ImageError(f"{found[name]} and {picture} share a stem: keep one.")
        found[name] = picture
    return found
