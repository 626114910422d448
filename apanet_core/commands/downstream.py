"""`apanet downstream`: do stereo matching, features and odometry get better?"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.camera_arguments import add_camera_arguments
from apanet_core.errors import ConfigError
from apanet_core.machine import describe_commit, describe_machine
from apanet_core.number_arguments import real_number, whole_number
from apanet_core.output_files import refuse_existing, refuse_inputs
from apanet_core.progress import progress

if TYPE_CHECKING:
    from apanet_core.downstream.pairs import Pairs
    from apanet_core.downstream.sequence import SequenceMeasurement
    from apanet_core.rain import StereoGeometry
    from apanet_core.runtime.derainer import StereoDerainer

NAME = "downstream"
HELP = "see whether stereo matching, features and odometry get better after deraining"

DESCRIPTION = """\
Put the same pairs, rainy, derained and clean, through semi-global stereo matching, ORB features
and, of a sequence, stereo visual odometry. Prints a table as Markdown and writes a report with
plots and pictures. What got worse is told as well, and why.

FOLDER holds one of

  left/ right/                  clean pairs: rain is rendered on them
  rain_left/ rain_right/ gt_left/ gt_right/
                                rainy pairs and their clean ones
and, where it is known, disparity/ with the left views' true disparity under the pairs' names (.npy,
.npz, .pfm, or .png with 16 bits and 256 steps a pixel, 0 where unknown). Pairs without it are
compared with the disparity of the clean pair. The word `motorcycle` stands for the Middlebury pair
in scikit-image, which has its true disparity.
"""
EPILOG = """\
what comes out, in the output folder:
  report.html            table, losses, plots, pictures; opens without a network
  report.md              the table that is printed
  pairs.csv              every figure of every pair
  results.json           the same, means, and drift by length
  poses/                 with --sequence: trajectories in KITTI's format, for evo and others

examples:
  apanet downstream tiny motorcycle -o report
  apanet downstream tiny kitti/val -o report --severity violent --pairs 10
  apanet downstream tiny small kitti/drive -o report --sequence --center 609.6 172.9
  apanet downstream mine.safetensors recorded_rain -o report --sequence --poses 05.txt

severities: drizzle, light, moderate, heavy, violent.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet downstream`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument(
        "models", nargs="+", metavar="MODEL", help="name of weights, .safetensors, .pth or .onnx"
    )
    parser.add_argument("folder", metavar="FOLDER", help="folder of pairs, or motorcycle")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the report"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing output")
    parser.add_argument("--severity", default="heavy", help="of rendered rain (default: heavy)")
    parser.add_argument(
        "--seed", type=whole_number(0), default=2025, help="same seed, same rain (default: 2025)"
    )
    parser.add_argument(
        "--pairs", type=whole_number(1), metavar="N", help="take only the first N pairs"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default auto)")
    parser.add_argument(
        "--largest-disparity",
        type=real_number(1, 10_000),
        metavar="PX",
        help="up to which to match (default: an eighth of the width, or the true one's largest)",
    )
    sequence = parser.add_argument_group("sequences")
    sequence.add_argument(
        "--sequence",
        action="store_true",
        help="the pairs are consecutive frames: rain runs on, odometry and flicker are measured",
    )
    sequence.add_argument(
        "--rate",
        type=real_number(0.01, 1000),
        default=10.0,
        metavar="HZ",
        help="pairs a second (default: 10)",
    )
    sequence.add_argument(
        "--poses",
        type=Path,
        metavar="FILE",
        help="true trajectory, twelve numbers a pair as KITTI has it (default: the clean pairs')",
    )
    cameras = parser.add_argument_group("cameras")
    add_camera_arguments(cameras)
    cameras.add_argument(
        "--center",
        type=real_number(-10_000, 10_000),
        nargs=2,
        metavar=("X", "Y"),
        help="principal point, pixels (default: the middle)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Compare, write the report and print its table."""
    from apanet_core.downstream.compare import compare
    from apanet_core.downstream.report_folder import Comparison, write_folder
    from apanet_core.downstream.samples import Samples
    from apanet_core.downstream.tables import as_markdown

    _check(arguments)
    labels = _labels(arguments.models)
    pairs = _pairs(arguments)
    sequence = _sequence(arguments, pairs, labels)
    derainers = _derainers(arguments, labels)
    samples = Samples(len(pairs), labels[0])
    results = compare(
        progress(pairs, "compare", len(pairs), unit="pair"),
        {label: derainer.derain for label, derainer in derainers.items()},
        arguments.largest_disparity,
        sequence,
        samples,
    )
    about = _about(arguments, pairs, derainers)
    comparison = Comparison(results, samples.kept(), about)
    # First, for the figures are not to be lost where the report cannot be written.
    print(as_markdown(results, about), flush=True)
    write_folder(arguments.output, comparison, arguments.force)
    print(f"\nwrote {arguments.output / 'report.html'}")
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Refuse early what would else fail after minutes."""
    import matplotlib  # noqa: F401  # draws the plots at the end

    from apanet_core.downstream.folder import MOTORCYCLE
    from apanet_core.downstream.report_folder import REPORT_NAMES
    from apanet_core.rain.weather import named_severity

    inputs = [] if arguments.folder == MOTORCYCLE else [Path(arguments.folder)]
    if arguments.poses is not None:
        inputs.append(arguments.poses)
    refuse_inputs(arguments.output, inputs)
    refuse_existing(arguments.output, arguments.force, REPORT_NAMES)
    named_severity(arguments.severity)
    if arguments.poses is not None and not arguments.sequence:
        raise ConfigError("--poses is the trajectory of a sequence: give --sequence as well.")


def _labels(models: list[str]) -> list[str]:
    """Return what to call the models: names as they are, files without folder and ending."""
    labels = [Path(model).stem for model in models]
    for label, count in Counter([*labels, "rainy", "clean", "reference"]).items():
        if count > 1:
            raise ConfigError(
                f"{label} would name two columns of the table: rename a model's file."
            )
    return labels


def _pairs(arguments: argparse.Namespace) -> Pairs:
    from apanet_core.downstream.folder import MOTORCYCLE, Cameras, folder_pairs, motorcycle_pairs
    from apanet_core.downstream.pairs import Rain

    rain = Rain(arguments.severity, arguments.seed, arguments.sequence)
    if arguments.folder == MOTORCYCLE:
        pairs = motorcycle_pairs(rain)
    else:
        cameras = Cameras(_geometry(arguments), arguments.rate)
        pairs = folder_pairs(Path(arguments.folder), rain, cameras)
    return pairs if arguments.pairs is None else pairs.first(arguments.pairs)


def _geometry(arguments: argparse.Namespace) -> StereoGeometry:
    from apanet_core.rain import StereoGeometry

    center = None if arguments.center is None else (arguments.center[0], arguments.center[1])
    return StereoGeometry(arguments.focal_px, arguments.baseline_m, center)


def _sequence(
    arguments: argparse.Namespace, pairs: Pairs, labels: list[str]
) -> SequenceMeasurement | None:
    from apanet_core.downstream.sequence import prepare_sequence

    if not arguments.sequence:
        return None
    return prepare_sequence(pairs, labels, arguments.poses, arguments.largest_disparity)


def _derainers(arguments: argparse.Namespace, labels: list[str]) -> dict[str, StereoDerainer]:
    from apanet_core.runtime.derainer import StereoDerainer
    from apanet_core.runtime.waiting_threads import let_waiting_threads_sleep

    let_waiting_threads_sleep()
    return {
        label: StereoDerainer(model, arguments.device)
        for label, model in zip(labels, arguments.models, strict=True)
    }


def _about(
    arguments: argparse.Namespace, pairs: Pairs, derainers: Mapping[str, StereoDerainer]
) -> list[tuple[str, str]]:
    kind = "consecutive pairs" if arguments.sequence else "pairs"
    counted = f"{len(pairs)} {kind}" if len(pairs) > 1 else "1 pair"
    models = [("model", derainer.description) for derainer in derainers.values()]
    return [
        ("pairs", f"{arguments.folder}, {counted}"),
        ("rain", pairs.rain_description),
        *models,
        ("machine", describe_machine()),
        ("commit", describe_commit()),
    ]
