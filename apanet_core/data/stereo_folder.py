"""A folder of rectified pairs: `left/` and `right/`, paired by sorted stem."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from apanet_core.data.matching_files import matching_pictures, read_matching
from apanet_core.imaging.types import ByteImage


class PairFiles(NamedTuple):
    """The two files of one pair, which share a stem."""

    left: Path
    right: Path

    def read(self) -> tuple[ByteImage, ByteImage]:
        """Return both views as uint8 RGB `[H,W,3]` of one size; errors as `read_matching`."""
        left, right = read_matching(self)
        return left, right


def pair_folders(left: str | Path, right: str | Path) -> list[PairFiles]:
    """Pair the pictures of two folders by stem, sorted; errors as `matching_pictures`."""
    return [PairFiles(*files) for files in matching_pictures([Path(left), Path(right)])]


def stereo_folder(folder: str | Path) -> list[PairFiles]:
    """Pair the pictures of `folder/left` and `folder/right`; errors as `pair_folders`."""
    return pair_folders(Path(folder) / "left", Path(folder) / "right")
