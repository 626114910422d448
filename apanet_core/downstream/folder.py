"""Pairs from a folder, or the motorcycle that scikit-image carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apanet_core.data.matching_files import matching_pictures, read_matching
from apanet_core.data.view_names import view_folders
from apanet_core.downstream.pairs import Pairs, Rain
from apanet_core.errors import ConfigError, ImageError
from apanet_core.evaluation.derain import Views
from apanet_core.evaluation.layout import Layout, find_layout
from apanet_core.imaging.types import FloatMap
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.disparity_file import disparity_of, read_disparity
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_core.time_units import NANOSECONDS

MOTORCYCLE = "motorcycle"
"""The word that stands for the pair in scikit-image, instead of a folder."""


@dataclass(frozen=True)
class Cameras:
    """What folders do not say: the cameras' geometry, and how many pairs they take a second."""

    geometry: StereoGeometry
    pairs_per_second: float


def motorcycle_pairs(rain: Rain) -> Pairs:
    """Return the Middlebury motorcycle with its true disparity and its own cameras."""
    from apanet_core.sequences.motorcycle import motorcycle

    def read(_: int) -> StereoFrame:
        return motorcycle()

    return Pairs([MOTORCYCLE], read, rain)


def folder_pairs(folder: Path, rain: Rain, cameras: Cameras) -> Pairs:
    """Return the pairs of a folder, matched by stem.

    The folder holds clean pairs, `left/` and `right/`, on which `rain` is rendered, or recorded
    rain, `rain_left/`, `rain_right/`, `gt_left/` and `gt_right/`; and where it is known, for some
    pairs or all, the left view's true disparity in `disparity/`.

    Raises:
        ImageError: folders or files are missing or do not belong together; the message names them.
    """
    layout = find_layout(folder)
    if layout not in (Layout.CLEAN_PAIRS, Layout.RAINY_PAIRS):
        raise ConfigError(
            f"{folder} holds no pairs: give a folder with left/ right/, or with rain_left/ "
            "rain_right/ gt_left/ gt_right/."
        )
    clean = layout is Layout.CLEAN_PAIRS
    names = [folder / name for name in layout.value]
    files = matching_pictures(view_folders(folder) or names if clean else names)
    truths = _true_disparities(folder / "disparity", [paths[0].stem for paths in files])

    def read_clean(number: int) -> StereoFrame:
        # Recorded rain is read along, so that one message tells of any size that differs.
        *_, left, right = read_matching(files[number])
        truth = None if (path := truths[number]) is None else read_truth(path, left.shape[:2])
        stamp_ns = round(number * NANOSECONDS / cameras.pairs_per_second)
        return StereoFrame(stamp_ns, left, right, cameras.geometry, truth)

    def read_rainy(number: int) -> Views:
        left, right = read_matching(files[number][:2])
        return left, right

    stems = [paths[0].stem for paths in files]
    return Pairs(stems, read_clean, rain if clean else read_rainy)


def read_truth(path: Path, size: tuple[int, ...]) -> FloatMap:
    """Read a true disparity, float32 `[H,W]`, pixels; NaN where unknown (0 or not finite).

    Raises:
        ImageError: as `read_disparity`, or its size is not that of the pair.
    """
    disparity = read_disparity(path)
    if disparity.shape != size:
        raise ImageError(
            f"{path} is {disparity.shape[1]}x{disparity.shape[0]}, its pair {size[1]}x{size[0]}: "
            "a disparity needs the size of the left view."
        )
    known = np.isfinite(disparity) & (disparity > 0)
    return np.where(known, disparity, np.float32("nan"))


def _true_disparities(folder: Path, stems: Sequence[str]) -> list[Path | None]:
    if not folder.is_dir():
        return [None for _ in stems]
    found = [disparity_of(folder, stem) for stem in stems]
    if not any(found):
        raise ImageError(
            f"{folder} holds no disparity with a pair's name, such as {stems[0]}.png: rename the "
            "files, or move the folder away."
        )
    return found
