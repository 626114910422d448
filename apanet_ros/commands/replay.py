"""`apanet replay`: publishes a rosbag2's messages, for machines without `ros2 bag play`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

NAME = "replay"
HELP = "publish a rosbag2's messages with their timing, where ros2 bag play is missing"

DESCRIPTION = """\
Publish the messages of a rosbag2 (sqlite3 or MCAP), byte for byte as they were recorded, with
their timing. Works on the ROS 2 wheels of PyPI as well as on a ROS 2 installation.
"""
EPILOG = """\
examples:
  apanet replay rainy_bag                              once, in real time
  apanet replay rainy_bag --rate 0.5 --loop            at half speed, until Ctrl-C
  apanet replay rainy_bag --clock                      with /clock, for nodes on use_sim_time
  apanet replay rainy_bag --topics /stereo/left/image_rect /stereo/left/camera_info
  apanet replay joined_bag --skip-gaps                 without the day between two recordings
  apanet replay rainy_bag --prefix /robot1             as /robot1/stereo/left/image_rect, ...

A topic is offered with the quality of service it was recorded with, else reliable.
Topics whose message type is not installed, or whose name ROS 2 forbids, are skipped, with a line
that says so. So does a line where nothing is recorded for more than a minute.
"""
DEFAULT_CLOCK_HZ = 40.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet replay`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument(
        "bag", type=Path, metavar="BAG", help="the bag's folder, or one .mcap or .db3 file"
    )
    parser.add_argument(
        "--rate", type=float, default=1.0, metavar="X", help="times real time (default: 1)"
    )
    parser.add_argument("--loop", action="store_true", help="start again at the end, until Ctrl-C")
    parser.add_argument(
        "--clock",
        type=float,
        nargs="?",
        const=DEFAULT_CLOCK_HZ,
        metavar="HZ",
        help=f"publish the bag's time on /clock, {DEFAULT_CLOCK_HZ:g} times a second if not said",
    )
    parser.add_argument(
        "--topics", nargs="+", default=[], metavar="TOPIC", help="replay these topics only"
    )
    parser.add_argument(
        "--prefix", default="", metavar="NAMESPACE", help="put this namespace before every topic"
    )
    parser.add_argument(
        "--wait-for-subscribers",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="wait up to this long for a subscriber on every topic before starting",
    )

    parser.add_argument(
        "--skip-gaps",
        action="store_true",
        help="go on at once where nothing is recorded for more than a minute",
    )


def run(arguments: argparse.Namespace) -> int:
    """Replay the bag and print what was done."""
    from apanet_ros.bags.reader import BagReader
    from apanet_ros.bags.replay import BagReplay, ReplayOptions
    from apanet_ros.large_images import room_for_images
    from apanet_ros.ros_session import tool_node

    options = ReplayOptions(
        rate=arguments.rate,
        loop=arguments.loop,
        clock_hz=arguments.clock,
        topics=tuple(arguments.topics),
        prefix=arguments.prefix,
        wait_for_subscribers_s=arguments.wait_for_subscribers,
        skip_gaps=arguments.skip_gaps,
    )
    with BagReader(arguments.bag) as bag, room_for_images(), tool_node("apanet_replay") as node:
        summary = BagReplay(node, bag, options, _report).run()
    print(
        f"published {summary.published} messages in {summary.seconds:.1f} s, "
        f"the latest {summary.worst_lateness_s * 1000:.0f} ms behind its time"
    )
    return 0


def _report(line: str) -> None:
    print(f"apanet replay: {line}", file=sys.stderr)
