"""The comparison as Markdown to paste, and as cells for other tables."""

from __future__ import annotations

from collections.abc import Sequence

from apanet_core.downstream.figures import DRIFT_DEFINITIONS, Better
from apanet_core.downstream.reasons import losses
from apanet_core.downstream.results import CLEAN, RAINY, Results, Row, summarise
from apanet_core.downstream.sequence import SequenceResults

LOSS_TITLE = "What is worse after deraining, and why as far as the other figures tell:"
NO_LOSS = "Nothing that was measured is worse after deraining than in rain."


def header(results: Results) -> list[str]:
    """Return the titles of the columns."""
    against_rain = [f"{model} against rain" for model in results.models]
    return ["figure", "better", *results.conditions, *against_rain]


def cells(results: Results) -> list[list[str]]:
    """Return a row of cells for every figure."""
    return [
        [
            row.title,
            row.definition.better.value,
            *(row.definition.shown(row.means[name]) for name in results.conditions),
            *(verdict(row, model) for model in results.models),
        ]
        for row in summarise(results)
    ]


def verdict(row: Row, model: str) -> str:
    """Return what deraining changed: better or worse, and in how many pairs it is better."""
    if row.definition.better is Better.NEITHER:
        return ""
    cost = row.definition.cost
    before, after = cost(row.means[RAINY]), cost(row.means[model])
    change = "worse" if after > before else "better" if after < before else "as good"
    if row.judged <= 1 or row.definition in DRIFT_DEFINITIONS:
        return change
    return f"{change}, {row.better[model]} of {row.judged}"


def loss_lines(results: Results) -> list[str]:
    """Return where deraining hurts and why; one line that says so where it does not."""
    return losses(summarise(results), results.models) or [NO_LOSS]


def as_markdown(results: Results, about: Sequence[tuple[str, str]]) -> str:
    """Return table, losses and circumstances; `about` names each of these and tells it."""
    parts = [
        markdown_table(header(results), cells(results)),
        notes(results),
        "\n".join([LOSS_TITLE, "", *(f"- {line}" for line in loss_lines(results))]),
        "\n".join(f"- {name}: {told}" for name, told in about),
    ]
    return "\n\n".join(parts)


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns stand in line: the first to the left, the rest to the right."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    top, *lines = (_line(row, widths) for row in [titles, *rows])
    return "\n".join([top, f"|{rule}|", *lines])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = row
    padded = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
    return "| " + " | ".join([first.ljust(widths[0]), *padded]) + " |"


def notes(results: Results) -> str:
    """Return what the table was compared with."""
    truths = sum(result.is_truth for result in results.of(CLEAN))
    others = len(results.of(CLEAN)) - truths
    parts = ["Means over the pairs, and in how many of them the derained one is better."]
    if truths:
        parts.append(f"The true disparity is the reference of {_pairs(truths)}.")
    if others:
        parts.append(
            f"The clean pair's own disparity is the reference of {_pairs(others)}, so that its "
            "own error is 0."
        )
    if results.sequence is not None:
        parts.append(_trajectory_note(results.sequence))
    return " ".join(parts)


def _trajectory_note(sequence: SequenceResults) -> str:
    drift = sequence.trajectories[CLEAN].drift
    lengths = f"{min(drift.by_length)} to {max(drift.by_length)} m"
    whose = "true one that was given" if sequence.is_truth else "clean pictures' own"
    return (
        f"The trajectory's reference is the {whose}, {sequence.way_m:.1f} m long; drift is the "
        f"mean over {drift.stretches} stretches of {lengths}."
    )


def _pairs(count: int) -> str:
    return f"{count} pair" + "s" * (count != 1)
