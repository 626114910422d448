"""Which kind of pictures a folder holds, told by the folders in it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from apanet_core.data.view_names import view_folders
from apanet_core.errors import ImageError
from apanet_core.imaging.files import is_picture_name


class Layout(Enum):
    """The folders that tell each kind; pictures of one name belong together.

    Clean pairs may lie in KITTI's `image_2/` and `image_3/` as well; see `view_folders`.
    """

    CLEAN_PAIRS = ("left", "right")
    RAINY_PICTURES = ("rain", "gt")
    RAINY_PAIRS = ("rain_left", "rain_right", "gt_left", "gt_right")
    PICTURES = ()


def find_layout(folder: Path) -> Layout:
    """Return the layout of a folder; whether it is complete shows when it is read.

    Raises:
        ImageError: the folder is missing, holds nothing known or several kinds at once.
    """
    if not folder.is_dir():
        raise ImageError(f"No folder {folder}: check the path.")
    found = [kind for kind in Layout if any((folder / name).is_dir() for name in kind.value)]
    if len(found) > 1:
        kinds = " as well as ".join(_folders(kind) for kind in found)
        raise ImageError(f"{folder} holds {kinds}: give a folder of one kind.")
    if found:
        return found[0]
    if view_folders(folder) is not None:
        return Layout.CLEAN_PAIRS
    if any(map(is_picture_name, folder.iterdir())):
        return Layout.PICTURES
    kinds = ", ".join(_folders(kind) for kind in Layout if kind.value)
    raise ImageError(f"{folder} holds neither pictures nor one of: {kinds}.")


def _folders(kind: Layout) -> str:
    return " ".join(f"{name}/" for name in kind.value)
