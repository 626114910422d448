"""A progress bar on stderr for what takes more than two seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

PATIENCE_S = 2.0


def progress(
    items: Iterable[Item],
    description: str,
    total: int | None = None,
    unit: str = "it",
    done: int = 0,
) -> Iterable[Item]:
    """Return `items` with a bar: at once on a terminal, else after two seconds and seldom drawn.

    Of the `total`, `done` were there before; `items` are the rest.
    """
    bar: Iterable[Item] = tqdm(
        items,
        desc=description,
        total=total,
        unit=unit,
        initial=done,
        **_manners(),
    )
    return bar


def progress_bar(description: str, total: int, unit: str, done: int = 0) -> tqdm[Any]:
    """Return such a bar to be updated by hand; use it as a context manager."""
    return tqdm(desc=description, total=total, unit=unit, initial=done, **_manners())


def _manners() -> dict[str, float]:
    """A bar shows at once and moves on a terminal; elsewhere it is patient and seldom drawn."""
    interactive = sys.stderr.isatty()
    return {
        "delay": 0.0 if interactive else PATIENCE_S,
        "mininterval": 0.1 if interactive else 5.0,
    }
