"""A progress bar on stderr for what takes more than two seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

PATIENCE_S = 2.0


def progress(
    items: Iterable[Item], description: str, total: int | None = None, unit: str = "it"
) -> Iterable[Item]:
    """Return `items` with a bar: at once on a terminal, else after two seconds and seldom drawn."""
    interactive = sys.stderr.isatty()
    bar: Iterable[Item] = tqdm(
        items,
        desc=description,
        total=total,
        unit=unit,
        delay=0.0 if interactive else PATIENCE_S,
        mininterval=0.1 if interactive else 5.0,
    )
    return bar
