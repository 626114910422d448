"""Names in a message: enough to see what is meant, never a screen full."""

from __future__ import annotations

from collections.abc import Iterable

MOST_NAMES = 10


def name_list(names: Iterable[object], most: int = MOST_NAMES) -> str:
    """Return names with commas between, the first `most` of them, and how many more there are."""
    shown = [str(name) for name in names]
    more = len(shown) - most
    listed = ", ".join(shown[:most])
    return f"{listed} and {more} more" if more > 0 else listed
