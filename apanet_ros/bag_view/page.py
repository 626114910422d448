"""A recording as a page: sliders between rainy and derained, and the node's times."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from apanet_core.html_report.html_report import HtmlReport
from apanet_core.progress import progress
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bag_view.latency import OUTCOMES, NodeRecord, latency_figure
from apanet_ros.bag_view.seen_pairs import SeenPairs
from apanet_ros.errors import BagError


def write_page(
    pairs: SeenPairs, numbers: Sequence[int], record: NodeRecord, title: str, path: Path
) -> int:
    """Write the page and return how many pairs it shows.

    Raises:
        BagError: none of them can be read.
    """
    page = HtmlReport(title)
    first = min(pairs.stamps)
    page.table(
        ("", "recording"),
        [
            ("rainy", pairs.topics[0]),
            ("derained", pairs.topics[1]),
            ("pairs", f"{len(pairs.stamps)}, at {pairs.rate_hz:.1f} Hz"),
            ("length", f"{(max(pairs.stamps) - first) / NANOSECONDS:.1f} s"),
        ],
    )
    page.heading("Rainy and derained")
    shown = 0
    for pair in progress(pairs.pairs(numbers), "view", len(numbers), unit="pair"):
        seconds = (pair.stamp_ns - first) / NANOSECONDS
        page.slider(pair.rainy, pair.derained, f"{seconds:.2f} s into the recording")
        shown += 1
    if not shown:
        raise BagError(f"None of the images of {pairs.topics[0]} that were looked at can be read.")
    _add_node(page, record)
    page.write(path)
    return shown


def _add_node(page: HtmlReport, record: NodeRecord) -> None:
    if record.empty:
        return
    page.heading("The node while it was recorded")
    caption = "Milliseconds of each stage of each pair, and what became of the pairs."
    page.figure(latency_figure(record), caption)
    if record.pairs:
        rows = [(name, record.pairs[name]) for name in OUTCOMES if record.pairs.get(name)]
        page.table(("pairs", "count at the end"), rows)
