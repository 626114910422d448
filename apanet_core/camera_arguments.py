"""The cameras on a command line."""

from __future__ import annotations

import argparse

from apanet_core.number_arguments import real_number


def add_camera_arguments(arguments: argparse._ActionsContainer) -> None:
    """Declare `--focal-px` and `--baseline-m`, KITTI's by default.

    Args:
        arguments: a parser or a group of its arguments.
    """
    arguments.add_argument(
        "--focal-px",
        type=real_number(10, 10_000),
        default=721.5,
        help="focal length in pixels (default: KITTI's)",
    )
    arguments.add_argument(
        "--baseline-m",
        type=real_number(0.001, 5),
        default=0.54,
        help="baseline in metres (default: KITTI's)",
    )
