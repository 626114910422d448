"""Some of many, from all over."""

from __future__ import annotations


def evenly_spread(count: int, total: int) -> list[int]:
    """Return up to `count` of the numbers below `total`, evenly spread."""
    count = min(count, total)
    return [number * total // count for number in range(count)]
