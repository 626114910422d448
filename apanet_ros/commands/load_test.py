"""`apanet load-test`: whether the node keeps its promises on this machine, under a chosen load."""

from __future__ import annotations

import argparse
from pathlib import Path

from apanet_core.commands.bench import parse_size
from apanet_core.errors import ConfigError

NAME = "load-test"
HELP = "load the node with two cameras, and see whether it keeps its latency budget"

DESCRIPTION = """\
Start the node, and in another process two cameras that send pairs of pictures over DDS at a
multiple of what the node can derain here. Print where each millisecond of a pair's way goes, what
became of every pair, and which promises were kept: counters add up; the age at publication stays
within the budget and one inference; age, memory and threads do not grow; where there is time,
every pair is derained at the best operating point. The exit code is 1 when one was broken.

examples:
  apanet load-test                                     tiny, 640 x 192, three times too much, 60 s
  apanet load-test --load 0.1 3                        a tenth of what it can do, then three times
  apanet load-test --load 1 --seconds 600              a soak at full rate
  apanet load-test --rate 30 --budget 50 --size 720x1280 --device cuda -o robot.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet load-test`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model", nargs="?", default="tiny", help="name or file (default tiny)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default auto)")
    parser.add_argument(
        "--size", default="192x640", metavar="HxW", help="of the pictures (default 192x640)"
    )
    parser.add_argument(
        "--load",
        type=float,
        nargs="+",
        default=[3.0],
        metavar="X",
        help="times what the node can do: at its fastest operating point from 1 on, at its best "
        "below (default 3); several go one after the other",
    )
    parser.add_argument("--rate", type=float, default=0.0, metavar="HZ", help="pairs a second")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="(default 60)")
    parser.add_argument(
        "--budget",
        type=float,
        metavar="MS",
        help="of the latency, 0 for none (default: 1.5 times what a pair takes at its best)",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.json", help="keep the results")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; returns 0 when every promise was kept, else 1."""
    if not (min(arguments.load) > 0 and arguments.seconds > 0 and arguments.rate >= 0):
        raise ConfigError("--load and --seconds take more than 0; --rate takes 0 or more.")
    from apanet_core.machine import describe_commit, describe_machine
    from apanet_ros.load.load_test import LoadTestOptions, run_load_test
    from apanet_ros.load.measurement import promises
    from apanet_ros.load.report import as_text, save

    height, width = parse_size(arguments.size)
    runs = run_load_test(
        LoadTestOptions(
            model=arguments.model,
            device=arguments.device,
            height=height,
            width=width,
            loads=tuple(arguments.load),
            rate=arguments.rate,
            seconds=arguments.seconds,
            budget=None if arguments.budget is None else arguments.budget / 1000,
        )
    )
    where = describe_machine(), describe_commit()
    print(f"{where[0]}, commit {where[1]}")
    for measured in runs:
        print(f"\n{as_text(measured)}")
    if arguments.output:
        save(arguments.output, runs, *where)
    return 0 if all(promise.kept for measured in runs for promise in promises(measured)) else 1
