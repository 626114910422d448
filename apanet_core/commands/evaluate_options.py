"""The options of `apanet evaluate`, and which of them fit which layout of a folder."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

from apanet_core.errors import ConfigError
from apanet_core.evaluation.cameras import CAMERAS, choose_cameras
from apanet_core.evaluation.layout import Layout
from apanet_core.number_arguments import real_number, whole_number
from apanet_core.output_files import refuse_existing, refuse_inputs

_CAMERAS = textwrap.fill(", ".join(CAMERAS), 98, initial_indent="  ", subsequent_indent="  ")

DESCRIPTION = f"""\
Derain whole pictures by one model or several and print what is gained as Markdown. The folder's
layout says what is done:

  left/ right/                  clean pairs, or as KITTI's image_2/ image_3/: rain of every
                                severity is rendered on them
  rain/ gt/                     single rainy pictures and their clean ones, given as both views
  rain_left/ rain_right/ gt_left/ gt_right/
                                rainy pairs and their clean ones, as in RainKITTI2012 and 2015
  pictures                      real rain: --video for its flicker, --pictures to look at; or
                                clean pictures, with --clean: rain is rendered on them

Pictures of 16 bits are derained in 16 and measured, and shown, in 8. PSNR counts up to 60 dB a
picture. LPIPS needs an AlexNet that was trained on ImageNet, which is
used where torch's cache or --lpips has it; nothing is downloaded. --stereo adds how well the two
views fit: their difference along the clean pair's disparity, as a multiple of the clean pair's own
difference, and the share of disparities from semi-global matching that are missing or wrong by
over 3 pixels. --cameras, --other-view and --lens-drops add tables: what is gained with other kinds
of cameras, what a bad right view costs, what is seen inside drops on the lens.

kinds of cameras:

{_CAMERAS}

--report writes a page to look at, with pictures and plots, that needs no network.

examples:
  apanet evaluate tiny kitti/val
  apanet evaluate tiny mine RainKITTI2012/testing --baselines --protocol tiled --report out
  apanet evaluate tiny kitti/val --stereo --pictures look --every 5
  apanet evaluate tiny kitti/val --limit 10 --cameras --other-view --lens-drops --report out
  apanet evaluate tiny kitti/val --cameras grey low-contrast
  apanet evaluate tiny frames --video
"""

CUTS = ("whole", "tiled")
PAIRS = (Layout.CLEAN_PAIRS, Layout.RAINY_PAIRS)


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
        "--veil-removal",
        type=real_number(0, 1),
        default=1.0,
        metavar="SHARE",
        help="how much of the veil the models take away, 0 to 1 (default 1); at 0 the brightness "
        "of the pictures stays",
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
        "--clean",
        action="store_true",
        help="pictures: they are clean, so render rain on them, each given as both views",
    )
    parser.add_argument(
        "--cameras",
        nargs="*",
        metavar="NAME",
        help="measure as well with other kinds of cameras, all or those named (give it after "
        "FOLDER)",
    )
    parser.add_argument(
        "--other-view",
        action="store_true",
        help="clean pairs: measure as well what the left view gets beside a bad right view",
    )
    parser.add_argument(
        "--lens-drops",
        action="store_true",
        help="clean pairs: measure as well what is seen inside drops on the lens",
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


def check(arguments: argparse.Namespace, layout: Layout) -> None:
    """Refuse options that exclude each other or do not fit the folder, before anything is loaded.

    Raises:
        ConfigError: an option does not fit; the message says what it needs.
    """
    if arguments.tiled and arguments.protocol == "whole":
        raise ConfigError("--tiled and --protocol whole exclude each other: give one.")
    _check_fits(arguments, layout)
    if arguments.cameras:
        choose_cameras(arguments.cameras)
    for output in (arguments.report, arguments.pictures):
        if output is not None:
            refuse_inputs(output, [arguments.folder])
    if arguments.report is not None:
        _check_report(arguments)


def _check_report(arguments: argparse.Namespace) -> None:
    """Find out before an hour of deraining what would keep the report from being written."""
    import matplotlib  # noqa: F401

    from apanet_core.evaluation.report import REPORT_NAMES

    refuse_existing(arguments.report, arguments.force, REPORT_NAMES)


def _check_fits(arguments: argparse.Namespace, layout: Layout) -> None:
    if arguments.clean and layout is not Layout.PICTURES:
        raise ConfigError("--clean is for a folder of pictures alone: leave it out.")
    if arguments.video and (layout is not Layout.PICTURES or arguments.clean):
        raise ConfigError("--video needs a folder of frames; give one view's folder.")
    if arguments.stereo and layout not in PAIRS:
        raise ConfigError("--stereo needs pairs: a folder with left/ right/, or rain_left/ etc.")
    for option in ("other_view", "lens_drops"):
        if getattr(arguments, option) and layout is not Layout.CLEAN_PAIRS:
            name = option.replace("_", "-")
            raise ConfigError(
                f"--{name} renders rain on clean pairs, and {arguments.folder} holds none: give a "
                "folder with left/ right/."
            )
    if layout is Layout.PICTURES and not arguments.clean:
        _check_pictures(arguments)


def _check_pictures(arguments: argparse.Namespace) -> None:
    for option in ("cameras", "report"):
        if getattr(arguments, option) is not None:
            raise ConfigError(
                f"--{option} needs clean pictures, and {arguments.folder} holds none: give a "
                "folder with left/ right/ (clean pairs) or rain/ gt/, or add --clean if its own "
                "pictures are clean."
            )
    if not (arguments.video or arguments.pictures):
        raise ConfigError(
            f"{arguments.folder} holds pictures without clean ones: give --video to measure their "
            "flicker, or --pictures OUT to look at them derained, or --clean if they are clean "
            "themselves."
        )
