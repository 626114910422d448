"""The report: a page with the table, the losses, plots and pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apanet_core.downstream.compare import ComparedPair
from apanet_core.downstream.drawings import draw_disparity, draw_errors, draw_matches
from apanet_core.downstream.plots import plot_over_time, plot_pairs, plot_trajectories
from apanet_core.downstream.results import RAINY, Results, summarise
from apanet_core.downstream.tables import LOSS_TITLE, cells, header, loss_lines, notes
from apanet_core.html_report.html_report import HtmlReport
from apanet_core.imaging.types import FloatMap

TITLE = "Stereo, features and odometry: rainy, derained, clean"


def downstream_page(
    results: Results,
    samples: Sequence[tuple[str, ComparedPair]],
    about: Sequence[tuple[str, str]],
) -> HtmlReport:
    """Return the page.

    Args:
        results: of the comparison.
        samples: pairs to show, and why each is shown, to follow its name.
        about: name and text of each circumstance.
    """
    page = HtmlReport(TITLE)
    page.table(header(results), cells(results), "Means over the pairs")
    page.paragraph(notes(results))
    page.heading("Where deraining hurts")
    page.paragraph(LOSS_TITLE)
    for line in loss_lines(results):
        page.paragraph(line)
    _add_plots(page, results)
    for why, pair in samples:
        _add_pair(page, pair, why, results.conditions)
    page.heading("What the figures mean")
    for row in summarise(results):
        page.paragraph(f"{row.title}: {row.definition.meaning}")
    page.heading("How it was measured")
    page.table(["", ""], [list(line) for line in about])
    return page


def _add_plots(page: HtmlReport, results: Results) -> None:
    page.heading("Pair by pair")
    page.figure(
        plot_pairs(results), "Each line is one pair, rainy, derained and clean; dots are means."
    )
    if results.sequence is None:
        return
    page.heading("Along the sequence")
    page.figure(plot_over_time(results), "Frame by frame, in each condition.")
    page.figure(
        plot_trajectories(results, results.sequence),
        "Stereo visual odometry: ways, how far positions are off, and drift by length.",
    )


def _add_pair(page: HtmlReport, pair: ComparedPair, why: str, conditions: Sequence[str]) -> None:
    page.heading(f"Pair {pair.name}{why}")
    for model in conditions[1:-1]:
        views = pair.views[RAINY][0], pair.views[model][0]
        page.slider(*views, "Left view", ("rainy", model))
    _add_disparities(page, pair, conditions)
    _add_errors(page, pair, conditions)
    _add_matches(page, pair, conditions)


def _add_disparities(page: HtmlReport, pair: ComparedPair, conditions: Sequence[str]) -> None:
    reference = pair.reference.disparity
    between = _common_range(reference)
    drawn = [(name, draw_disparity(pair.disparities[name], between)) for name in conditions]
    if pair.reference.is_truth:
        drawn.append(("true", draw_disparity(reference, between)))
    far, near = between
    page.gallery(
        drawn,
        f"Disparity by semi-global matching, from {far:.0f} (blue) to {near:.0f} pixels (red); "
        "black where nothing matched",
    )


def _common_range(disparity: FloatMap) -> tuple[float, float]:
    """Return between which disparities nearly all of it lies; outliers would dim the colours."""
    known = disparity[np.isfinite(disparity)]
    if not len(known):
        return 0.0, 1.0
    far, near = np.percentile(known, (1, 99))
    return float(far), float(near)


def _add_errors(page: HtmlReport, pair: ComparedPair, conditions: Sequence[str]) -> None:
    whose = "true" if pair.reference.is_truth else "clean pair's"
    drawn = [
        (
            f"{name}: bad-3px {pair.figures[name].bad:.1%}",
            draw_errors(pair.disparities[name], pair.reference.disparity),
        )
        for name in conditions
    ]
    page.gallery(
        drawn,
        f"Against the {whose} disparity: green within 3 pixels, red wrong, black missing, white "
        "where the reference knows nothing",
    )


def _add_matches(page: HtmlReport, pair: ComparedPair, conditions: Sequence[str]) -> None:
    drawn = [
        (
            f"{name}: {pair.figures[name].correct:.0f} correct",
            draw_matches(pair.views[name], pair.reference.disparity, pair.reference.largest_px),
        )
        for name in conditions
    ]
    page.gallery(
        drawn,
        "ORB matches between the views: green agree with the reference disparity, red do not, grey "
        "cannot be judged",
    )
