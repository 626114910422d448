"""The pictures that came out worse than they went in, to read."""

from __future__ import annotations

from apanet_core.evaluation.comparison import Comparison
from apanet_core.evaluation.tables import Table
from apanet_core.evaluation.trials import DRY
from apanet_core.evaluation.worse import LEAST_LOSS_DB, Worse, count_reasons

MOST_NAMED = 10


def worse_sentence(found: Comparison, method: str) -> str:
    """Return how many views, or pictures, one method made worse, and why."""
    worse = worst_first(found, method)
    rainy = sum(row.method == method and row.weather != DRY for row in found.records)
    noun = "views" if len(found.views) > 1 else "pictures"
    reasons = ", ".join(f"{count} {reason}" for reason, count in count_reasons(worse).items())
    return (
        f"{method}: {len(worse)} of {rainy} {noun} came out worse than they went in by over "
        f"{LEAST_LOSS_DB} dB{f': {reasons}' if reasons else ''}."
    )


def worse_list(found: Comparison, method: str) -> str:
    """Return `worse_sentence` and the worst `MOST_NAMED` with their reasons, a Markdown list."""
    worse = worst_first(found, method)
    lines = [
        f"- {row.name}, {row.weather}, {_loss(row)}: {row.reason}" for row in worse[:MOST_NAMED]
    ]
    more = len(worse) - len(lines)
    if more:
        lines.append(f"- and {more} more, which --report lists")
    sentence = worse_sentence(found, method)
    return "\n".join([sentence, "", *lines]) if lines else sentence


def worse_table(found: Comparison) -> Table:
    """Return a row a view that any method made worse, the worst of each method first."""
    rows = [
        (row.method, row.name, row.weather, row.view, f"{row.gain:+.2f}", row.reason)
        for method in found.methods
        for row in worst_first(found, method.name)
    ]
    return Table(("method", "picture", "weather", "view", "gain (dB)", "what shows"), rows)


def worst_first(found: Comparison, method: str) -> list[Worse]:
    """Return what one method made worse, the greatest loss first."""
    return sorted((row for row in found.worse if row.method == method), key=lambda row: row.gain)


def _loss(row: Worse) -> str:
    view = "" if row.view == "picture" else f"{row.view} "
    return f"{view}{row.gain:+.2f} dB"
