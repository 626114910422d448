"""Whole numbers on a command line, within bounds."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a `type` of an argument that takes whole numbers from `least` up, or up to `most`.

    What it refuses, argparse tells with the argument's name, before anything is read or computed.
    """
    wanted = f"{least} up" if most is None else f"{least} to {most}"

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"takes a whole number from {wanted}, got {text}")
        return value

    return convert
