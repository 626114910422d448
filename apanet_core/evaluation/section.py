"""What was measured beside the comparison itself: to print, for the page and for the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from apanet_core.evaluation.tables import Table, markdown


class Part(NamedTuple):
    """One table of a section.

    Attributes:
        caption: which method and what.
        table: its cells.
        remark: the sentence below it.
    """

    caption: str
    table: Table
    remark: str


class Section(NamedTuple):
    """One more measurement.

    Attributes:
        key: its name in `figures.json`.
        title: its heading.
        explanation: how to read its tables.
        parts: a table a method.
        figures: every single figure, rows of one form.
    """

    key: str
    title: str
    explanation: str
    parts: Sequence[Part]
    figures: Sequence[Mapping[str, Any]]

    @property
    def markdown(self) -> str:
        """The captions, tables and remarks."""
        return "\n\n".join(
            f"{part.caption}:\n\n{markdown(part.table)}\n\n{part.remark}" for part in self.parts
        )
