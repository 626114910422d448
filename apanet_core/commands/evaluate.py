"""`apanet evaluate`: measure models, or make pictures to judge them by eye."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from apanet_core.errors import ConfigError
from apanet_core.evaluation.layout import Layout, find_layout
from apanet_core.number_arguments import whole_number
from apanet_core.output_files import refuse_existing, refuse_inputs
from apanet_core.progress import progress

if TYPE_CHECKING:
    from apanet_core.evaluation.comparison import Comparison
    from apanet_core.evaluation.method import Method
    from apanet_core.evaluation.perceptual import PerceptualMeasure
    from apanet_core.evaluation.pictures import PictureFolder
    from apanet_core.evaluation.protocol import Protocol
    from apanet_core.evaluation.trials import Trials

NAME = "evaluate"
HELP = "measure what models gain over rainy pictures, pairs and videos"

DESCRIPTION = """\
Derain whole pictures by one model or several and print what is gained as Markdown. The folder's
layout says what is done:

  left/ right/                  clean pairs, or as KITTI's image_2/ image_3/: rain of every
                                severity is rendered on them
  rain/ gt/                     single rainy pictures and their clean ones, given as both views
  rain_left/ rain_right/ gt_left/ gt_right/
                                rainy pairs and their clean ones, as in RainKITTI2012 and 2015
  pictures                      real rain: --video for its flicker, --pictures to look at

Pictures of 16 bits are derained in 16 and measured, and shown, in 8. PSNR counts up to 60 dB a
picture. LPIPS needs an AlexNet that was trained on ImageNet, which is
used where torch's cache or --lpips has it; nothing is downloaded. --stereo adds how well the two
views fit: their difference along the clean pair's disparity, as a multiple of the clean pair's own
difference, and the share of disparities from semi-global matching that are missing or wrong by
over 3 pixels. --report writes a page to look at, with pictures and plots, that needs no network.

examples:
  apanet evaluate tiny kitti/val
  apanet evaluate tiny small RainKITTI2012/testing --baselines --protocol tiled --report out
  apanet evaluate tiny kitti/val --stereo --pictures look --every 5
  apanet evaluate tiny frames --video
"""

CUTS = ("whole", "tiled")

Item = TypeVar("Item")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet evaluate`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="name of weights, .safetensors, released .pth or .onnx",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder in one of the layouts above"
    )
    parser.add_argument(
        "--baselines", action="store_true", help="a median, a bilateral and a guided filter as well"
    )
    parser.add_argument(
        "--protocol",
        choices=CUTS,
        help="derain pictures whole, or in tiles of 320 px as the paper's evaluation does "
        "(default whole)",
    )
    parser.add_argument("--tiled", action="store_true", help="short for --protocol tiled")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default auto)")
    parser.add_argument(
        "--precision",
        default="float32",
        help="auto, float32, bfloat16 or float16 (default float32, as in the model cards; auto is "
        "what the node takes)",
    )
    parser.add_argument(
        "--seed", type=whole_number(0), default=2025, help="of the rendered rain (default 2025)"
    )
    parser.add_argument(
        "--limit",
        type=whole_number(1),
        metavar="N",
        help="take N pairs or pictures from all over the folder",
    )
    parser.add_argument(
        "--lpips",
        default="auto",
        metavar="WHICH",
        help="file of torchvision's AlexNet; shift-tolerant (another measure, ST-LPIPS, with the "
        "package stlpips_pytorch); off; or auto: from torch's cache (default)",
    )
    parser.add_argument(
        "--stereo", action="store_true", help="pairs: measure how well the views fit as well"
    )
    parser.add_argument(
        "--video", action="store_true", help="pictures: measure flicker, frames in order of name"
    )
    parser.add_argument(
        "--report", type=Path, metavar="OUT", help="write report.html, figures.csv, figures.json"
    )
    parser.add_argument("--force", action="store_true", help="replace a report that is there")
    parser.add_argument(
        "--pictures", type=Path, metavar="OUT", help="write rainy, derained, clean side by side"
    )
    parser.add_argument(
        "--every",
        type=whole_number(1),
        default=10,
        metavar="K",
        help="... of every K-th one (default 10)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; returns 0."""
    layout = find_layout(arguments.folder)
    _check(arguments, layout)
    methods = _load_methods(arguments)
    if arguments.video:
        print(_measure_video(arguments, methods))
    elif layout is Layout.PICTURES:
        print(_show_pictures(arguments, methods))
    else:
        print(_measure(arguments, methods, _TRIALS[layout]))
    return 0


def _check(arguments: argparse.Namespace, layout: Layout) -> None:
    if arguments.tiled and arguments.protocol == "whole":
        raise ConfigError("--tiled and --protocol whole exclude each other: give one.")
    if layout is Layout.PICTURES and not (arguments.video or arguments.pictures):
        raise ConfigError(
            f"{arguments.folder} holds pictures without clean ones: give --video to measure their "
            "flicker, or --pictures OUT to look at them derained."
        )
    if arguments.video and layout is not Layout.PICTURES:
        raise ConfigError("--video needs a folder of frames; give one view's folder.")
    if arguments.stereo and layout not in (Layout.CLEAN_PAIRS, Layout.RAINY_PAIRS):
        raise ConfigError("--stereo needs pairs: a folder with left/ right/, or rain_left/ etc.")
    for output in (arguments.report, arguments.pictures):
        if output is not None:
            refuse_inputs(output, [arguments.folder])
    if arguments.report is not None:
        _check_report(arguments, layout)


def _check_report(arguments: argparse.Namespace, layout: Layout) -> None:
    """Find out before an hour of deraining what would keep the report from being written."""
    import matplotlib  # noqa: F401

    from apanet_core.evaluation.report import REPORT_NAMES

    if layout is Layout.PICTURES:
        raise ConfigError(
            f"--report needs clean pictures, and {arguments.folder} holds none: leave it out."
        )
    refuse_existing(arguments.report, arguments.force, REPORT_NAMES)


def _load_methods(arguments: argparse.Namespace) -> list[Method]:
    from apanet_core.evaluation.baselines import baselines
    from apanet_core.evaluation.models import load_models

    simple = baselines() if arguments.baselines else []
    names = [method.name for method in simple]
    tiled = _cut(arguments) == "tiled"
    models = load_models(
        arguments.models, arguments.device, tiled, names, precision=arguments.precision
    )
    return [*models, *simple]


def _cut(arguments: argparse.Namespace) -> str:
    return "tiled" if arguments.tiled else arguments.protocol or "whole"


def _measure(
    arguments: argparse.Namespace, methods: Sequence[Method], make_trials: MakeTrials
) -> str:
    from apanet_core.evaluation.comparison import compare
    from apanet_core.evaluation.perceptual import choose_perceptual
    from apanet_core.evaluation.report import write_report
    from apanet_core.evaluation.trials import RenderedRain

    perceptual = choose_perceptual(arguments.lpips, arguments.device)
    trials, names, what = make_trials(arguments)
    show = _picture_folder(arguments, names)
    found = compare(
        methods, trials, stereo=arguments.stereo, perceptual=perceptual.distance, show=show
    )
    rendered = isinstance(trials, RenderedRain)
    seed = arguments.seed if rendered else None
    seeded = f"{what}, seed {seed}" if rendered else what
    printed = _printed(found, perceptual, f"{seeded}{_written(show)}")
    if arguments.report is None:
        return printed
    # First, for an hour's figures are not to be lost where the report cannot be written.
    print(printed, flush=True)
    protocol = _protocol(arguments, what, seed, perceptual)
    write_report(found, trials, protocol, arguments.report, arguments.force)
    return f"\nThe report is {arguments.report / 'report.html'}."


def _protocol(
    arguments: argparse.Namespace, what: str, seed: int | None, perceptual: PerceptualMeasure
) -> Protocol:
    from apanet_core.evaluation.protocol import Protocol
    from apanet_core.machine import describe_commit, describe_machine

    return Protocol(
        folder=str(arguments.folder),
        what=what,
        cut=_cut(arguments),
        seed=seed,
        lpips=perceptual.remark,
        lpips_title=perceptual.title,
        machine=describe_machine(),
        commit=describe_commit(),
    )


def _printed(found: Comparison, perceptual: PerceptualMeasure, what: str) -> str:
    from apanet_core.evaluation.rain_removal import rain_removal
    from apanet_core.evaluation.tables import markdown, rain_removal_tables, summary_table

    models = [method for method in found.methods if method.learned]
    parts = [
        _headline(models, what),
        markdown(summary_table(found, perceptual.title)),
        perceptual.remark,
    ]
    for model in models:
        if len(models) > 1:
            parts.append(f"{model.name}:")
        parts.append(rain_removal_tables(rain_removal(found, model.name), perceptual.title))
    return "\n\n".join(parts)


def _headline(models: Sequence[Method], what: str) -> str:
    return f"{'; '.join(model.description for model in models)}, {what}"


def _clean_pairs(arguments: argparse.Namespace) -> tuple[Trials, list[str], str]:
    from apanet_core.data.scene import load_scene
    from apanet_core.data.stereo_folder import stereo_folder
    from apanet_core.evaluation.trials import RenderedRain

    files = _limited(arguments, stereo_folder(arguments.folder))
    scenes = [load_scene(pair, all_bits=True) for pair in progress(files, "load", unit="pair")]
    names = [pair.left.stem for pair in files]
    trials = RenderedRain(scenes, arguments.seed, names)
    return trials, names, f"{len(files)} pairs"


def _given_rain(arguments: argparse.Namespace) -> tuple[Trials, list[str], str]:
    from apanet_core.data.matching_files import matching_pictures
    from apanet_core.evaluation.trials import GivenRain

    layout = find_layout(arguments.folder)
    folders = [arguments.folder / name for name in layout.value]
    files = _limited(arguments, matching_pictures(folders))
    kind = "rainy pairs" if layout is Layout.RAINY_PAIRS else "pictures as both views"
    return GivenRain(files), [rainy.stem for rainy, *_ in files], f"{len(files)} {kind}"


def _measure_video(arguments: argparse.Namespace, methods: Sequence[Method]) -> str:
    from apanet_core.evaluation.flicker import evaluate_flicker
    from apanet_core.evaluation.tables import flicker_table, markdown
    from apanet_core.imaging.files import pictures_in, read_picture
    from apanet_core.imaging.white_level import WhiteLevel

    paths = pictures_in(arguments.folder)[: arguments.limit]
    parts = []
    for method in methods:
        show = _picture_folder(arguments, [path.stem for path in paths])
        level = WhiteLevel()
        frames = (read_picture(path, level) for path in progress(paths, "evaluate", unit="frame"))
        found = evaluate_flicker(method.derain, frames, show)
        parts.append(f"{method.description}, {len(paths)} frames as both views{_written(show)}")
        parts.append(markdown(flicker_table(found)))
    return "\n\n".join(parts)


def _show_pictures(arguments: argparse.Namespace, methods: Sequence[Method]) -> str:
    from apanet_core.evaluation.pictures import PictureFolder, show_derained
    from apanet_core.imaging.files import pictures_in, read_picture

    # Only these are derained, for there is nothing to measure on the others.
    paths = _limited(arguments, pictures_in(arguments.folder)[:: arguments.every])
    show = PictureFolder(arguments.pictures, [path.stem for path in paths], every=1)
    pictures = (read_picture(path) for path in progress(paths, "derain", unit="picture"))
    show_derained(methods, pictures, show)
    return _headline(methods, f"{len(paths)} pictures as both views{_written(show)}")


def _limited(arguments: argparse.Namespace, files: list[Item]) -> list[Item]:
    from apanet_core.data.evenly_spread import evenly_spread

    if arguments.limit is None:
        return files
    return [files[number] for number in evenly_spread(arguments.limit, len(files))]


def _picture_folder(arguments: argparse.Namespace, names: list[str]) -> PictureFolder | None:
    from apanet_core.evaluation.pictures import PictureFolder

    if arguments.pictures is None:
        return None
    return PictureFolder(arguments.pictures, names, arguments.every)


def _written(show: PictureFolder | None) -> str:
    return f"; {show.count} side by side in {show.folder}" if show is not None else ""


MakeTrials = Callable[[argparse.Namespace], tuple["Trials", list[str], str]]
"""Finds what is derained, the names of the pairs or pictures, and says how many there are."""

_TRIALS: dict[Layout, MakeTrials] = {
    Layout.CLEAN_PAIRS: _clean_pairs,
    Layout.RAINY_PICTURES: _given_rain,
    Layout.RAINY_PAIRS: _given_rain,
}
