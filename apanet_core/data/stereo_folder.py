"""Folders of rectified pairs, paired by name."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from apanet_core.data.matching_files import (
    matching_pictures,
    pairs_within,
    read_matching,
    read_matching_pictures,
    require_one_size,
)
from apanet_core.data.view_names import VIEWS, view_folders
from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_stored
from apanet_core.imaging.picture_codec import StoredPicture
from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import WhiteLevel


class PairFiles(NamedTuple):
    """The two files of one pair."""

    left: Path
    right: Path

    def read(self) -> tuple[ByteImage, ByteImage]:
        """Return both views as uint8 RGB `[H,W,3]` of one size; errors as `read_matching`."""
        left, right = read_matching(self)
        return left, right

    def read_pictures(self, level: WhiteLevel | None = None) -> tuple[Picture, Picture]:
        """Return both views with all their bits; arguments as `read_matching_pictures`."""
        left, right = read_matching_pictures(self, level)
        return left, right

    def read_stored(self) -> tuple[StoredPicture, StoredPicture]:
        """Return both as their files hold them, of one size; errors as `read_matching`."""
        left, right = (read_stored(path) for path in self)
        require_one_size(self, [left.pixels.shape[:2], right.pixels.shape[:2]])
        return left, right


def pair_folders(left: str | Path, right: str | Path | None = None) -> list[PairFiles]:
    """Pair the pictures of two folders, or those within one, by name, sorted.

    Raises:
        ImageError: as `matching_pictures`, or the one folder holds no pair.
    """
    if right is not None:
        return [PairFiles(*files) for files in matching_pictures([Path(left), Path(right)])]
    pairs = [PairFiles(*files) for files in pairs_within(Path(left))]
    if not pairs:
        raise ImageError(f"{left} holds no left and right picture of one name, as x_L and x_R.")
    return pairs


def stereo_folder(folder: str | Path) -> list[PairFiles]:
    """Pair the pictures of `left/` and `right/`, or as KITTI calls them; errors as `pair_folders`.

    Where there are no such folders, it is the pictures in the folder itself.
    """
    folder = Path(folder)
    if (folders := view_folders(folder)) is not None:
        return pair_folders(*folders)
    if folder.is_dir() and not any((folder / view).is_dir() for view in VIEWS):
        return pair_folders(folder)
    return pair_folders(*(folder / view for view in VIEWS))
