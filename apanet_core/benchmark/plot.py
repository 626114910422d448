"""Time against pixels, which shows how cost grows with the picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from apanet_core.benchmark.case import WHOLE, Result
from apanet_core.plot_file import write_plot


def plot_times(results: Sequence[Result], path: Path) -> None:
    """Draw the median time of every network against the pixels of one view, both logarithmic.

    The format is that of the path's ending, one of `PLOT_ENDINGS`.
    """
    lines: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for result in results:
        megapixels = result.case.height * result.case.width / 1e6
        lines[result.case.network].append((megapixels, result.stages[WHOLE].p50))
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot(
        xscale="log", yscale="log", xlabel="megapixels per view", ylabel="median time per pair (ms)"
    )
    for name, points in lines.items():
        axes.plot(*zip(*sorted(points), strict=True), marker="o", label=name)
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    write_plot(figure, path)
