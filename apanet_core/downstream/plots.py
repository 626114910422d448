"""The comparison as plots: figures pair by pair, over time, and the trajectories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from apanet_core.downstream.figures import PAIR_DEFINITIONS, Definition
from apanet_core.downstream.results import CLEAN, RAINY, Results
from apanet_core.downstream.sequence import SequenceResults
from apanet_core.downstream.trajectory import travelled_m

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by colour-blind readers too.
RAINY_COLOR, CLEAN_COLOR = "#d55e00", "#009e73"
MODEL_COLORS = ("#0072b2", "#cc79a7", "#e69f00", "#56b4e9")
PLOTTED = ("bad", "end_point_px", "repeatability", "correct", "view_difference", "flicker")
COLUMNS = 3


def color_of(condition: str, results: Results) -> str:
    """Return the condition's colour, the same in every plot."""
    fixed = {RAINY: RAINY_COLOR, CLEAN: CLEAN_COLOR}
    if condition in fixed:
        return fixed[condition]
    return MODEL_COLORS[results.models.index(condition) % len(MODEL_COLORS)]


def plot_pairs(results: Results) -> Figure:
    """Draw each pair as a line from rainy over derained to clean, and the means as dots."""
    from matplotlib.figure import Figure

    shown = [definition for definition in _plotted() if _known(results, definition)]
    rows = -(-len(shown) // COLUMNS)
    figure = Figure(figsize=(3.4 * COLUMNS, 2.9 * rows), layout="constrained")
    for number, definition in enumerate(shown):
        _plot_pairs(figure.add_subplot(rows, COLUMNS, number + 1), results, definition)
    return figure


def plot_over_time(results: Results) -> Figure:
    """Draw bad pixels, correct matches and flicker over the frames of a sequence."""
    from matplotlib.figure import Figure

    shown = [found for found in _plotted() if found.key in ("bad", "correct", "flicker")]
    figure = Figure(figsize=(9, 2.4 * len(shown)), layout="constrained")
    for number, definition in enumerate(shown):
        axes = figure.add_subplot(len(shown), 1, number + 1, ylabel=definition.title)
        for name in results.conditions:
            axes.plot(_values(results, name, definition), label=name, color=color_of(name, results))
        axes.grid(visible=True, alpha=0.3)
    axes.set_xlabel("frame")
    figure.axes[0].legend(ncols=len(results.conditions))
    return figure


def plot_trajectories(results: Results, sequence: SequenceResults) -> Figure:
    """Draw the way from above, how far each trajectory is off on it, and drift over length."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.8), layout="constrained")
    above, off, drift = figure.subplots(1, 3)
    above.set(xlabel="to the right (m)", ylabel="forward (m)", title="from above")
    off.set(xlabel="way (m)", ylabel="off the reference (m)", title="position")
    drift.set(xlabel="length of the stretch (m)", ylabel="drift (%)", title="drift")
    reference = sequence.reference
    above.plot(reference[:, 0, 3], reference[:, 2, 3], color="0.6", linewidth=4, label="reference")
    for name in results.conditions:
        found, color = sequence.trajectories[name], color_of(name, results)
        away = np.linalg.norm((found.poses - reference)[:, :3, 3], axis=1)
        lengths = found.drift.by_length
        above.plot(found.poses[:, 0, 3], found.poses[:, 2, 3], color=color, label=name)
        off.plot(travelled_m(reference), away, color=color)
        shares = [100 * translation for translation, _ in lengths.values()]
        drift.plot(list(lengths), shares, color=color, marker="o")
    above.axis("equal")
    for axes in (above, off, drift):
        axes.grid(visible=True, alpha=0.3)
    above.legend()
    return figure


def _plot_pairs(axes: Axes, results: Results, definition: Definition) -> None:
    values = np.array([_values(results, name, definition) for name in results.conditions])
    places = np.arange(len(results.conditions))
    axes.plot(places, values, color="0.7", linewidth=0.8, zorder=1)
    colors = [color_of(name, results) for name in results.conditions]
    axes.scatter(places, np.nanmean(values, axis=1), color=colors, s=60, zorder=2, clip_on=False)
    axes.set_xticks(places, results.conditions)
    axes.set_title(_label(definition), fontsize="medium")
    axes.set_ylim(bottom=0)
    axes.set_xlim(-0.3, len(places) - 0.7)
    axes.grid(visible=True, axis="y", alpha=0.3)


def _plotted() -> list[Definition]:
    return [definition for definition in PAIR_DEFINITIONS if definition.key in PLOTTED]


def _known(results: Results, definition: Definition) -> bool:
    return bool(np.isfinite(_values(results, CLEAN, definition)).any())


def _values(results: Results, condition: str, definition: Definition) -> Sequence[float]:
    scale = 100 if definition.percent else 1
    return [scale * getattr(result.figures, definition.key) for result in results.of(condition)]


def _label(definition: Definition) -> str:
    return f"{definition.title} ({definition.better.value} is better)"
