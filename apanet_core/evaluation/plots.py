"""Plots of a comparison, drawn with matplotlib and without its global state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apanet_core.evaluation.comparison import Comparison
from apanet_core.evaluation.method import INPUT, Method
from apanet_core.evaluation.trials import DRY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCHES = (5.0, 3.4)
MARKERS = "os^Dv<>Ph*"
# Okabe and Ito: told apart by everybody, also in print.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f00")
INPUT_STYLE: dict[str, Any] = {"color": "#666666", "linestyle": "--", "marker": "x"}


def weather_plot(found: Comparison, measure: str, label: str) -> Figure:
    """Draw a measure, named by its label, of every method against the severities."""
    figure, axes = _drawing("severity of the rain", label)
    for number, method in enumerate(found.methods):
        values = [found.mean(method.name, measure, weather) for weather in found.weathers]
        axes.plot(found.weathers, values, label=method.name, **_style(number, method))
    axes.legend(fontsize=8)
    return figure


def gain_plot(found: Comparison) -> Figure:
    """Draw how PSNR changes view by view: median, quartiles, and whiskers to the extremes."""
    figure, axes = _drawing("", "PSNR gained over the input (dB)")
    methods = [method for method in found.methods if method.name != INPUT]
    gains = [psnr_gains(found, method.name) for method in methods]
    axes.boxplot(gains, whis=(0, 100), widths=0.5)
    axes.set_xticks(range(1, len(methods) + 1), [method.name for method in methods])
    axes.axhline(0, color="#666666", linestyle="--", linewidth=1)
    return figure


def work_plot(found: Comparison) -> Figure | None:
    """Draw quality against work; `None` where fewer than two methods have their work counted."""
    counted = [(method, method.gmacs) for method in found.methods if method.gmacs]
    if len(counted) < 2:
        return None
    figure, axes = _drawing("work for a pair of 128 x 128 pixels (GMAC)", "mean PSNR (dB)")
    axes.set_xscale("log")
    for method, gmacs in counted:
        style = _style(found.methods.index(method), method) | {"linestyle": ""}
        axes.plot([gmacs], [found.mean(method.name, "psnr")], label=method.name, **style)
    before = found.mean(INPUT, "psnr")
    axes.axhline(before, color="#666666", linestyle="--", linewidth=1, label=INPUT)
    axes.legend(fontsize=8)
    return figure


def psnr_gains(found: Comparison, method: str) -> list[float]:
    """Return a method's PSNR less the input's, in dB, for every view in the rain."""
    views = {
        (row.trial, row.view): row.psnr
        for row in found.records
        if row.method == INPUT and row.weather != DRY
    }
    return [
        row.psnr - views[row.trial, row.view]
        for row in found.records
        if row.method == method and row.weather != DRY
    ]


def _drawing(across: str, up: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot(xlabel=across, ylabel=up)
    axes.grid(visible=True, alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _style(number: int, method: Method) -> dict[str, Any]:
    if method.name == INPUT:
        return INPUT_STYLE
    # Baselines lie behind the models, and paler.
    return {
        "color": COLOURS[(number - 1) % len(COLOURS)],
        "marker": MARKERS[(number - 1) % len(MARKERS)],
        "linestyle": "-" if method.learned else ":",
    }
