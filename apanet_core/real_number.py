"""Real numbers on a command line, within bounds."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def real_number(least: float, most: float) -> Callable[[str], float]:
    """Return a `type` of an argument that takes numbers from `least` to `most`; nan is none.

    What it refuses, argparse tells with the argument's name, before anything is read or computed.
    """

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        # Comparisons with nan are false.
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"takes a number from {least:g} to {most:g}, got {text}"
            )
        return value

    return convert
