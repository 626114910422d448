"""`apanet plot-latency`: the node's times as a picture on a topic."""

from __future__ import annotations

import argparse
import time

NAME = "plot-latency"
HELP = "draw a running node's times and counters into an image topic, for RViz"

DESCRIPTION = """\
Listen to a derain node's ~/latency and to /diagnostics, and publish a plot of the last minute as an
image on ~/latency_plot of that node, for viewers that cannot plot. Ends with Ctrl-C.
"""
EPILOG = """\
examples:
  apanet plot-latency /stereo/derain_node
  rviz2 -d $(ros2 pkg prefix apanet_ros)/share/apanet_ros/config/derain.rviz
"""
_SLEEP_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet plot-latency`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument(
        "node", nargs="?", default="/derain_node", help="full name (default: /derain_node)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Publish the plot until Ctrl-C."""
    from apanet_ros.large_images import room_for_images
    from apanet_ros.latency_plot import LatencyPlot
    from apanet_ros.ros_session import spinning, tool_node

    with room_for_images(), tool_node("apanet_plot_latency") as node:
        plot = LatencyPlot(node, arguments.node)
        with spinning(node):
            print(f"plotting on {plot.topic}; Ctrl-C ends it", flush=True)
            while True:
                time.sleep(_SLEEP_S)
