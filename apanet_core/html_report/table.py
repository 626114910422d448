"""A table whose figures stand under each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from apanet_core.errors import ConfigError

FIGURE = re.compile(r"[+\-−±×~<>≤≥]?\s?\d[\d.,]*\s?\S{0,6}")
"""`12`, `+0.31`, `×1.20`, `31.1 dB`, `12.5%`: what stands to the right."""

NO_FIGURE = frozenset({"", "-", "–", "—", "nan", "inf"})


def table_html(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Return a table within a box that scrolls by itself where the page is narrow.

    Args:
        header: the columns' titles.
        rows: the first cell names the row; a column holding only figures, or nothing, stands to
            the right.
        caption: above the table, and the name of its box.

    Raises:
        ConfigError: a row has not as many cells as the header.
    """
    for row in rows:
        if len(row) != len(header):
            raise ConfigError(f"The table has {len(header)} columns, this row not: {list(row)}.")
    right = [number > 0 and is_figures(column) for number, column in enumerate(_columns(rows))]
    right = right or [False] * len(header)
    sides = zip(header, right, strict=True)
    titles = "".join(_cell("th", "col", title, side) for title, side in sides)
    lines = "".join(f"<tr>{_row(row, right)}</tr>" for row in rows)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    name = escape(caption or "Table")
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{name}"><table>{above}'
        f"<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def is_figures(cells: Sequence[str]) -> bool:
    """Return whether all cells are figures, with a sign or a unit, or empty."""
    return all(cell.strip() in NO_FIGURE or FIGURE.fullmatch(cell.strip()) for cell in cells)


def _columns(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return list(zip(*rows, strict=True))


def _row(row: Sequence[str], right: Sequence[bool]) -> str:
    first, *others = row
    cells = (_cell("td", "", cell, side) for cell, side in zip(others, right[1:], strict=True))
    return _cell("th", "row", first, False) + "".join(cells)


def _cell(element: str, scope: str, text: str, right: bool) -> str:
    scoped = f' scope="{scope}"' if scope else ""
    aligned = ' class="figure"' if right else ""
    return f"<{element}{scoped}{aligned}>{escape(text)}</{element}>"
