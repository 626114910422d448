"""Numbers on a command line, within bounds."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import TypeVar

Number = TypeVar("Number", int, float)


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a `type` of an argument that takes whole numbers from `least` up, or up to `most`.

    What it refuses, argparse tells with the argument's name, before anything is read or computed.
    """
    wanted = f"{least} up" if most is None else f"{least} to {most}"
    return _within(int, least, math.inf if most is None else most, f"a whole number from {wanted}")


def real_number(least: float, most: float) -> Callable[[str], float]:
    """Return a `type` of an argument that takes numbers from `least` to `most`, and no nan.

    What it refuses, argparse tells as with `whole_number`.
    """
    return _within(float, least, most, f"a number from {least:g} to {most:g}")


def _within(
    parse: Callable[[str], Number], least: float, most: float, wanted: str
) -> Callable[[str], Number]:
    def convert(text: str) -> Number:
        try:
            value = parse(text)
        except ValueError:
            value = None
        # Comparisons with nan are false.
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"takes {wanted}, got {text}")
        return value

    return convert
