"""`apanet evaluate`: measure a model, or make pictures to judge it by eye."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.errors import ConfigError
from apanet_core.evaluation.layout import Layout, find_layout
from apanet_core.progress import progress

if TYPE_CHECKING:
    from apanet_core.evaluation.derain import Derain
    from apanet_core.evaluation.pictures import PictureFolder

NAME = "evaluate"
HELP = "measure what a model gains over rainy pictures, pairs and videos"

DESCRIPTION = """\
Derain whole pictures and print what is gained as Markdown. The folder's layout says what is done:

  left/ right/                  clean pairs: rain of every severity is rendered on them
  rain/ gt/                     single rainy pictures and their clean ones, given as both views
  rain_left/ rain_right/ gt_left/ gt_right/
                                rainy pairs and their clean ones
  pictures                      real rain: --video for its flicker, --pictures to look at

PSNR counts up to 60 dB a picture. --stereo adds how well the two views fit: their difference along
the clean pair's disparity, as a multiple of the clean pair's own difference, and the share of
disparities from semi-global matching that are missing or wrong by over 3 pixels.

examples:
  apanet evaluate tiny kitti/val
  apanet evaluate tiny kitti/val --stereo --pictures look --every 5
  apanet evaluate tiny frames --video
"""

Measure = Callable[[argparse.Namespace, "Derain"], tuple[str, str]]
"""Derains a folder and returns what was derained and the results as Markdown."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet evaluate`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model", help="name of weights, .safetensors, released .pth or .onnx")
    parser.add_argument("folder", type=Path, help="folder in one of the layouts above")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default auto)")
    parser.add_argument(
        "--seed", type=int, default=2025, help="of the rendered rain (default 2025)"
    )
    parser.add_argument(
        "--tiled",
        action="store_true",
        help="cut pictures into tiles of 320 px as the paper's evaluation does (default: whole)",
    )
    parser.add_argument(
        "--stereo", action="store_true", help="pairs: measure how well the views fit as well"
    )
    parser.add_argument(
        "--video", action="store_true", help="pictures: measure flicker, frames in order of name"
    )
    parser.add_argument(
        "--pictures", type=Path, metavar="OUT", help="write rainy, derained, clean side by side"
    )
    parser.add_argument(
        "--every", type=int, default=10, metavar="K", help="... of every K-th one (default 10)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; returns 0."""
    from apanet_core.runtime.derainer import StereoDerainer

    layout = find_layout(arguments.folder)
    _check(arguments, layout)
    derainer = StereoDerainer(arguments.model, arguments.device, arguments.tiled)
    measure = _measure_video if arguments.video else _MEASURES[layout]
    what, results = measure(arguments, derainer.derain)
    print("\n\n".join(filter(None, [f"{derainer.description}, {what}", results])))
    return 0


def _check(arguments: argparse.Namespace, layout: Layout) -> None:
    if arguments.every < 1:
        raise ConfigError(f"--every takes a number from 1 up, got {arguments.every}.")
    if layout is Layout.PICTURES and not (arguments.video or arguments.pictures):
        raise ConfigError(
            f"{arguments.folder} holds pictures without clean ones: give --video to measure their "
            "flicker, or --pictures OUT to look at them derained."
        )
    if arguments.video and layout is not Layout.PICTURES:
        raise ConfigError("--video needs a folder of frames; give one view's folder.")
    if arguments.stereo and layout not in (Layout.CLEAN_PAIRS, Layout.RAINY_PAIRS):
        raise ConfigError("--stereo needs pairs: a folder with left/ right/, or rain_left/ etc.")


def _measure_clean_pairs(arguments: argparse.Namespace, derain: Derain) -> tuple[str, str]:
    from apanet_core.data.scene import load_scene
    from apanet_core.data.stereo_folder import stereo_folder
    from apanet_core.evaluation.rain_removal import evaluate_rain_removal
    from apanet_core.evaluation.tables import rain_removal_table

    files = stereo_folder(arguments.folder)
    scenes = [load_scene(pair) for pair in progress(files, "load", unit="pair")]
    show = _picture_folder(arguments, [pair.left.stem for pair in files])
    found = evaluate_rain_removal(derain, scenes, arguments.seed, arguments.stereo, show)
    what = f"{len(scenes)} pairs, seed {arguments.seed}{_written(show)}"
    return what, rain_removal_table(found)


def _measure_rainy_pictures(arguments: argparse.Namespace, derain: Derain) -> tuple[str, str]:
    from apanet_core.data.stereo_folder import pair_folders
    from apanet_core.evaluation.paired import evaluate_pictures
    from apanet_core.evaluation.tables import paired_table

    files = pair_folders(*(arguments.folder / name for name in Layout.RAINY_PICTURES.value))
    show = _picture_folder(arguments, [rainy.stem for rainy, _ in files])
    pictures = (pair.read() for pair in progress(files, "evaluate", unit="picture"))
    found = evaluate_pictures(derain, pictures, show)
    return f"{found.count} pictures as both views{_written(show)}", paired_table(found)


def _measure_rainy_pairs(arguments: argparse.Namespace, derain: Derain) -> tuple[str, str]:
    from apanet_core.data.matching_files import matching_pictures
    from apanet_core.evaluation.paired import evaluate_pairs, read_rainy_pairs
    from apanet_core.evaluation.tables import paired_table

    files = matching_pictures([arguments.folder / name for name in Layout.RAINY_PAIRS.value])
    show = _picture_folder(arguments, [rainy_left.stem for rainy_left, *_ in files])
    pairs = read_rainy_pairs(progress(files, "evaluate", unit="pair"))
    found = evaluate_pairs(derain, pairs, arguments.stereo, show)
    return f"{found.count} rainy pairs{_written(show)}", paired_table(found)


def _measure_video(arguments: argparse.Namespace, derain: Derain) -> tuple[str, str]:
    from apanet_core.evaluation.flicker import evaluate_flicker
    from apanet_core.evaluation.tables import flicker_table
    from apanet_core.imaging.files import pictures_in, read_rgb

    paths = pictures_in(arguments.folder)
    show = _picture_folder(arguments, [path.stem for path in paths])
    frames = (read_rgb(path) for path in progress(paths, "evaluate", unit="frame"))
    found = evaluate_flicker(derain, frames, show)
    return f"{len(paths)} frames as both views{_written(show)}", flicker_table(found)


def _show_pictures(arguments: argparse.Namespace, derain: Derain) -> tuple[str, str]:
    from apanet_core.evaluation.pictures import PictureFolder, show_derained
    from apanet_core.imaging.files import pictures_in, read_rgb

    # Only these are derained, for there is nothing to measure on the others.
    paths = pictures_in(arguments.folder)[:: arguments.every]
    show = PictureFolder(arguments.pictures, [path.stem for path in paths], every=1)
    pictures = (read_rgb(path) for path in progress(paths, "derain", unit="picture"))
    show_derained(derain, pictures, show)
    return f"{len(paths)} pictures as both views{_written(show)}", ""


def _picture_folder(arguments: argparse.Namespace, names: list[str]) -> PictureFolder | None:
    from apanet_core.evaluation.pictures import PictureFolder

    if arguments.pictures is None:
        return None
    return PictureFolder(arguments.pictures, names, arguments.every)


def _written(show: PictureFolder | None) -> str:
    return f"; {show.count} side by side in {show.folder}" if show is not None else ""


_MEASURES: dict[Layout, Measure] = {
    Layout.CLEAN_PAIRS: _measure_clean_pairs,
    Layout.RAINY_PICTURES: _measure_rainy_pictures,
    Layout.RAINY_PAIRS: _measure_rainy_pairs,
    Layout.PICTURES: _show_pictures,
}
