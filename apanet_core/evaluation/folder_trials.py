"""The trials that a folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from apanet_core.data.evenly_spread import evenly_spread
from apanet_core.data.matching_files import matching_pictures
from apanet_core.data.plausible_scene import LARGEST_DISPARITY_PX, draw_plausible_scene
from apanet_core.data.scene import Scene, load_scene
from apanet_core.data.stereo_folder import stereo_folder
from apanet_core.evaluation.layout import Layout
from apanet_core.evaluation.trials import GivenRain, RenderedRain
from apanet_core.imaging.files import pictures_in, read_rgb
from apanet_core.progress import progress

Item = TypeVar("Item")


class FolderTrials(NamedTuple):
    """What is derained.

    Attributes:
        trials: rain rendered on clean pictures, or given with them.
        names: of the pairs or pictures, by number.
        what: how many there are of what.
    """

    trials: RenderedRain | GivenRain
    names: list[str]
    what: str


def find_trials(folder: Path, layout: Layout, seed: int, limit: int | None) -> FolderTrials:
    """Find the trials of a folder. Pictures alone are taken for clean.

    Args:
        folder: of that layout.
        layout: what it holds.
        seed: of the rain, where it is rendered.
        limit: how many pairs or pictures to take from all over the folder; `None` for all.

    Raises:
        ImageError: a picture is missing or damaged; the message names it.
    """
    if layout is Layout.CLEAN_PAIRS:
        return _clean_pairs(folder, seed, limit)
    if layout is Layout.PICTURES:
        return _clean_pictures(folder, seed, limit)
    return _given_rain(folder, layout, limit)


def limited(files: list[Item], limit: int | None) -> list[Item]:
    """Return up to so many of the files, from all over them; all where there is no limit."""
    if limit is None:
        return files
    return [files[number] for number in evenly_spread(limit, len(files))]


def _clean_pairs(folder: Path, seed: int, limit: int | None) -> FolderTrials:
    files = limited(stereo_folder(folder), limit)
    scenes = [load_scene(pair, all_bits=True) for pair in progress(files, "load", unit="pair")]
    names = [pair.left.stem for pair in files]
    return FolderTrials(RenderedRain(scenes, seed, names), names, f"{len(files)} pairs")


def _clean_pictures(folder: Path, seed: int, limit: int | None) -> FolderTrials:
    files = limited(pictures_in(folder), limit)
    scenes = [
        _guessed_scene(path, np.random.default_rng((seed, number)))
        for number, path in enumerate(progress(files, "load", unit="picture"))
    ]
    names = [path.stem for path in files]
    trials = RenderedRain(scenes, seed, names, single=True)
    return FolderTrials(trials, names, f"{len(files)} clean pictures as both views")


def _given_rain(folder: Path, layout: Layout, limit: int | None) -> FolderTrials:
    files = limited(matching_pictures([folder / name for name in layout.value]), limit)
    kind = "rainy pairs" if layout is Layout.RAINY_PAIRS else "pictures as both views"
    names = [rainy.stem for rainy, *_ in files]
    return FolderTrials(GivenRain(files), names, f"{len(files)} {kind}")


def _guessed_scene(path: Path, generator: np.random.Generator) -> Scene:
    """Read a clean picture and guess how near things in it are, for the rain before them."""
    picture = read_rgb(path)
    height, width = picture.shape[:2]
    wider = (height, width + LARGEST_DISPARITY_PX)
    guess = draw_plausible_scene(wider, (height, width), generator)
    return Scene(picture, picture, guess.left_disparity.astype(np.float16))
