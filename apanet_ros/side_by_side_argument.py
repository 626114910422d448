"""The option that names one topic of both views, the same in every command that reads bags."""

from __future__ import annotations

import argparse

from apanet_core.errors import ConfigError


def add_side_by_side(parser: argparse._ActionsContainer) -> None:
    """Declare `--side-by-side`."""
    parser.add_argument(
        "--side-by-side",
        default="",
        metavar="TOPIC",
        help="the one topic whose images hold both views, left in the left half",
    )


def check_side_by_side(side_by_side: str, **others: object) -> None:
    """Raise `ConfigError` where an option was given that contradicts one topic of both views.

    Args:
        side_by_side: as it was given.
        others: options by their names, as they were given.
    """
    for option, value in others.items():
        if side_by_side and value:
            raise ConfigError(
                f"--side-by-side names one topic of both views, and --{option} does not go with "
                "it: leave one of the two out."
            )
