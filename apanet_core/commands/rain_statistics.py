"""`apanet rain-statistics`: what the streaks in pictures look like, real ones beside rendered."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from tqdm import tqdm

from apanet_core.errors import ConfigError
from apanet_core.imaging.files import pictures_in, read_rgb
from apanet_core.imaging.types import ByteImage
from apanet_core.number_arguments import whole_number

if TYPE_CHECKING:
    from apanet_core.data.scene import Scene
    from apanet_core.rain.statistics import StreakStatistics

NAME = "rain-statistics"
HELP = "measure width, length, contrast and density of the streaks in pictures"

DESCRIPTION = """\
Measure the streaks in folders of pictures, the same way in photographs and in rendered rain, and
print a Markdown table: the median over a folder's pictures, and the 10th and 90th percentile.

With --clean, every severity is rendered on a folder of clean, rectified pairs and measured too;
the row "no rain" tells what the measurement takes for streaks where there are none.

examples:
  apanet rain-statistics photos/
  apanet rain-statistics photos/ video/ --clean kitti/val --every 2
"""
COLUMNS = (
    "| pictures | width px | length px | contrast of 255 | spread deg | streaks per megapixel "
    "| examined |"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet rain-statistics`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER", help="of pictures")
    parser.add_argument(
        "--clean", type=Path, metavar="FOLDER", help="clean pairs (left/ and right/) to rain on"
    )
    parser.add_argument(
        "--width",
        type=whole_number(1),
        default=640,
        metavar="PIXELS",
        help="shrink wider pictures of the FOLDERs to this; --clean keeps its size (default 640)",
    )
    parser.add_argument(
        "--every", type=whole_number(1), default=1, metavar="N", help="take each Nth picture"
    )
    parser.add_argument(
        "--seed", type=whole_number(0), default=2025, help="of the rain (default 2025)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure and print the table; returns 0."""
    if not arguments.folders and arguments.clean is None:
        raise ConfigError("Name a FOLDER of pictures, or --clean pairs to rain on.")
    folders = [(folder, pictures_in(folder)[:: arguments.every]) for folder in arguments.folders]
    print(COLUMNS, "|---" * COLUMNS.count(" | ") + "|---|", sep="\n")
    for folder, paths in folders:
        pictures = (shrunk(read_rgb(path), arguments.width) for path in paths)
        found = _measured(pictures, len(paths))
        print(table_row(f"{folder.name} ({len(paths)})", found), flush=True)
    if arguments.clean is not None:
        for row in _rendered_rows(arguments.clean, arguments.every, arguments.seed):
            print(row, flush=True)
    return 0


def shrunk(image: ByteImage, width: int) -> ByteImage:
    """Return a picture no wider than `width` pixels, uint8 RGB `[h,w,3]`."""
    if image.shape[1] <= width:
        return image
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def table_row(name: str, pictures: list[StreakStatistics]) -> str:
    """Return a Markdown row: median (10th to 90th percentile) over pictures of their medians."""
    from apanet_core.rain.statistics import median_of

    cells = [
        _cell([median_of(picture.width) for picture in pictures], 1),
        _cell([median_of(picture.length) for picture in pictures], 0),
        _cell([median_of(picture.contrast) for picture in pictures], 0),
        _cell([picture.spread for picture in pictures], 0),
        _cell([picture.density for picture in pictures], 0),
        f"{np.mean([picture.examined for picture in pictures]):.0%}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _cell(values: list[float], digits: int) -> str:
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return "-"
    low, middle, high = np.percentile(known, (10, 50, 90))
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _measured(pictures: Iterable[ByteImage], count: int) -> list[StreakStatistics]:
    from apanet_core.rain.statistics import measure_streaks

    shown = tqdm(pictures, desc="measure", total=count, unit="picture", leave=False)
    return [measure_streaks(picture) for picture in shown]


def _rendered_rows(folder: Path, every: int, seed: int) -> Iterator[str]:
    from apanet_core.data.scene import load_scene
    from apanet_core.data.stereo_folder import stereo_folder
    from apanet_core.rain import SEVERITIES

    pairs = stereo_folder(folder)[::every]
    scenes = [load_scene(pair) for pair in tqdm(pairs, desc="load", unit="pair", leave=False)]
    dry = _measured((scene.left for scene in scenes), len(scenes))
    yield table_row(f"no rain ({len(scenes)})", dry)
    for level, name in enumerate(SEVERITIES):
        rainy = (
            _rainy_left(scene, name, np.random.default_rng((seed, number, level)))
            for number, scene in enumerate(scenes)
        )
        yield table_row(f"{name} ({len(scenes)})", _measured(rainy, len(scenes)))


def _rainy_left(scene: Scene, severity: str, generator: np.random.Generator) -> ByteImage:
    from apanet_core.rain import add_rain, sample_weather

    weather = sample_weather(severity, generator)
    disparity = scene.disparity.astype(np.float32)
    return add_rain(scene.left, scene.right, weather, generator, disparity)[0]
