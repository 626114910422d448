"""`apanet check-bag`: whether a recording is fit for deraining, and how to start the node on it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.output_files import refuse_existing
from apanet_core.plot_file import check_plot_name, write_plot
from apanet_ros.side_by_side_argument import add_side_by_side, check_side_by_side

if TYPE_CHECKING:
    from apanet_ros.bag_check.check import BagCheck

NAME = "check-bag"
HELP = "tell whether a rosbag2 is fit for deraining, and how to start the node on its cameras"

DESCRIPTION = """\
Read a rosbag2 once and tell whether it holds two rectified cameras that belong together: their
rates, gaps, stamps that go back, the skew between left and right, camera_infos, damaged images.
It judges as the node does live, and prints the launch line and the parameters for these cameras.
Only a few pictures are decoded.

The exit code is 0 where the bag is fit for deraining, 1 where it is not (the last lines say why and
what to do), and 2 where it cannot be read.
"""
EPILOG = """\
examples:
  apanet check-bag drive
  apanet check-bag drive --plot stamps.png --params derain_params.yaml
  apanet check-bag drive --topics /cam0/image_raw /cam1/image_raw --html drive.html
"""
PARAMS_FILE = "derain_params.yaml"
UNFIT = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet check-bag`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument(
        "bag", type=Path, metavar="BAG", help="the bag's folder, or one .mcap or .db3 file"
    )
    parser.add_argument(
        "--topics", nargs=2, metavar=("LEFT", "RIGHT"), help="image topics (default: found)"
    )
    add_side_by_side(parser)
    parser.add_argument(
        "--plot", type=Path, metavar="PNG", help="draw skews, intervals and gaps (.png, .svg, .pdf)"
    )
    parser.add_argument("--html", type=Path, metavar="HTML", help="write all of it as a page")
    parser.add_argument(
        "--params", type=Path, metavar="YAML", help="write the parameters as a file for the node"
    )
    parser.add_argument("--force", action="store_true", help="replace existing output")


def run(arguments: argparse.Namespace) -> int:
    """Check the bag and print what was found; returns 1 where it is not fit."""
    for output in (arguments.plot, arguments.html, arguments.params):
        if output is not None:
            refuse_existing(output, arguments.force)

    from apanet_ros.bag_check.check import UnfitError, check_bag
    from apanet_ros.bag_check.table import as_text

    check_side_by_side(arguments.side_by_side, topics=arguments.topics)
    if arguments.plot is not None:
        check_plot_name(arguments.plot)
    try:
        names = tuple(arguments.topics) if arguments.topics else None
        check = check_bag(arguments.bag, names, arguments.side_by_side)
    except UnfitError as error:
        print(f"{arguments.bag} is not fit for deraining:\n  - {error}")
        return UNFIT
    print(f"{as_text(check.survey, check.pairing, check.looks)}\n")
    _write_files(arguments, check)
    _print_verdict(arguments, check)
    return 0 if check.verdict.fit else UNFIT


def _write_files(arguments: argparse.Namespace, check: BagCheck) -> None:
    from apanet_core.output_files import replaced
    from apanet_ros.bag_check.launch_line import parameter_file

    if arguments.plot is not None:
        from apanet_ros.bag_check.plot import stamps_figure

        write_plot(stamps_figure(check.survey, check.pairing), arguments.plot)
    if arguments.html is not None:
        from apanet_ros.bag_check.page import write_page

        write_page(check, arguments.html)
    if arguments.params is not None and check.verdict.fit:
        with replaced(arguments.params) as aside:
            aside.write_text(parameter_file(check.verdict.parameters), encoding="utf-8")


def _print_verdict(arguments: argparse.Namespace, check: BagCheck) -> None:
    verdict = check.verdict
    for warning in verdict.warnings:
        print(f"  ! {warning}")
    print("\n" * bool(verdict.warnings), end="")
    if not verdict.fit:
        print(f"{arguments.bag} is not fit for deraining:")
        for reason in verdict.reasons:
            print(f"  - {reason}")
        return
    from apanet_ros.bag_check.launch_line import (
        derain_line,
        launch_line,
        node_line,
        parameter_file,
    )

    params = str(arguments.params or PARAMS_FILE)
    print(f"{arguments.bag} is fit for deraining.\n")
    if offline := derain_line(check.survey, verdict.parameters, bool(arguments.topics)):
        print(f"Derain it with\n\n{offline}\n")
    print("Start the node on these cameras with\n")
    print(launch_line(check.survey, verdict.parameters, params))
    print(f"\nor, without ros2 launch,\n\n{node_line(check.survey, params)}")
    print(f"\n{params}{' (--params writes it)' if arguments.params is None else ''}:\n")
    print(parameter_file(verdict.parameters))
