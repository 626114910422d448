"""`apanet demo`: a real stereo scene in rain, through the real node."""

from __future__ import annotations

import argparse
from pathlib import Path

from apanet_core.errors import ConfigError
from apanet_core.number_arguments import whole_number

NAME = "demo"
HELP = "rain on a real stereo scene, derain it with the real node over DDS, and show it"

DESCRIPTION = """\
Show what the node does, with nothing but this machine: the Middlebury motorcycle, a real stereo
photograph with true disparity, is panned over time, rained on, written as a rosbag2 and replayed
over DDS through the node process, whose outputs are recorded.
"""
EPILOG = """\
what comes out, in the output folder:
  demo.png                      rainy, derained and clean; left and right; with PSNR
  rainy/ derained/              rosbag2 folders (MCAP), for apanet replay or ros2 bag play
  latency.md, latency.json      time per stage, every pair's fate, PSNR, SSIM, stereo matching
  node.log                      what the node said

examples:
  apanet demo
  apanet demo --severity violent --seed 3 --pairs 80
  apanet demo --model my_network.safetensors --device cuda
  apanet demo --rate 1                        real time, whatever the machine drops

The same seed gives the same rain and the same pictures; times differ from run to run.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet demo`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument(
        "--output", type=Path, default=Path("demo"), metavar="FOLDER", help="(default: demo)"
    )
    parser.add_argument(
        "--severity",
        default="heavy",
        help="drizzle, light, moderate, heavy or violent (default: heavy)",
    )
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, help="same seed, same rain (default: 0)"
    )
    parser.add_argument(
        "--pairs", type=whole_number(1), default=40, metavar="N", help="(default: 40)"
    )
    parser.add_argument(
        "--model", default="tiny", help="shipped weights by name, or a file (default: tiny)"
    )
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)"
    )
    parser.add_argument(
        "--rate",
        type=float,
        metavar="X",
        help="replay at X times real time (default: 1, but no pair before the last came out)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the demo and print its table."""
    if arguments.rate is not None and not arguments.rate > 0:
        raise ConfigError(f"--rate must be positive, got {arguments.rate:g}; 1 is real time.")

    from apanet_ros.demo.demo import DemoOptions, run_demo

    options = DemoOptions(
        output=arguments.output,
        severity=arguments.severity,
        seed=arguments.seed,
        pairs=arguments.pairs,
        model=arguments.model,
        device=arguments.device,
        rate=arguments.rate,
    )
    run_demo(options)
    return 0
