"""What the name of a picture or folder says of its view, and of its scene.

The one place that knows how recordings and data sets call what belongs together.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

VIEWS = ("left", "right")

FOLDERS = (
    VIEWS,
    # KITTI stereo and odometry: colour, then gray; its raw drives keep them in data/.
    ("image_2", "image_3"),
    ("image_0", "image_1"),
    ("image_02/data", "image_03/data"),
    ("image_02", "image_03"),
    ("image_00/data", "image_01/data"),
    ("image_00", "image_01"),
)
"""How folders of left and right pictures are called, best first."""

_WORD = re.compile(r"(?P<before>.*?)(?P<view>left|right)(?P<after>.*)", re.IGNORECASE)
_LETTER_BEHIND = re.compile(r"(?P<scene>.+)[-_. ](?P<view>[lr])", re.IGNORECASE)
_LETTER_BEFORE = re.compile(r"(?P<view>[lr])[-_. ](?P<scene>.+)", re.IGNORECASE)
_MIDDLEBURY = re.compile(r"im(?P<view>[01])")
_RAIN = re.compile(r"(?:no)?rain[-_](?P<scene>.+)", re.IGNORECASE)


class ViewName(NamedTuple):
    """A name in two parts.

    Attributes:
        scene: what all pictures of one moment share.
        side: 0 for left, 1 for right, None where the name does not say.
    """

    scene: str
    side: int | None


def view_name(stem: str) -> ViewName:
    """Read the name of a picture or folder, without its ending.

    `left_0001`, `0001-right`, `x_L`, `R_x`, Middlebury's `im0` and `im1`; of rain and its clean
    picture `rain-1` and `norain-1` (Rain100), which have no side. Any other name is all scene.
    """
    if found := _WORD.fullmatch(stem):
        before, after = found["before"], found["after"]
        # Not the middle of a word, as in `bright` or `leftover`.
        if not before[-1:].isalpha() and not after[:1].isalpha():
            scene = f"{before}*{after}"
            return ViewName(scene, VIEWS.index(found["view"].lower()))
    for pattern in (_LETTER_BEHIND, _LETTER_BEFORE):
        if found := pattern.fullmatch(stem):
            return ViewName(found["scene"], "lr".index(found["view"].lower()))
    if found := _MIDDLEBURY.fullmatch(stem):
        return ViewName("im", int(found["view"]))
    if found := _RAIN.fullmatch(stem):
        return ViewName(found["scene"], None)
    return ViewName(stem, None)


def are_views(left: Path, right: Path) -> bool:
    """Whether two paths are called as the left and the right view of one recording are."""
    for names in FOLDERS:
        one, other = (Path(name).parts for name in names)
        if left.parts[-len(one) :] == one and right.parts[-len(other) :] == other:
            return True
    one_view, other_view = view_name(left.stem), view_name(right.stem)
    return one_view == (other_view.scene, 0) and other_view.side == 1


def view_folders(folder: Path) -> tuple[Path, Path] | None:
    """Return the folders of left and right pictures in a folder; None where it holds none."""
    for names in FOLDERS:
        left, right = (folder / name for name in names)
        if left.is_dir() and right.is_dir():
            return left, right
    return None
