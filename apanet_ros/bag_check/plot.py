"""The stamps of both cameras as a plot: skew, intervals, gaps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from apanet_core.streaming.pairing import Side
from apanet_ros.bag_check.pairing_advice import Pairing
from apanet_ros.bag_check.survey import BagSurvey

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = {Side.LEFT: "tab:blue", Side.RIGHT: "tab:orange"}
_BINS = 60


def stamps_figure(survey: BagSurvey, pairing: Pairing) -> Figure:
    """Draw the histogram of skews, the skew over time and each camera's intervals over time."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 8), layout="constrained")
    figure.suptitle(f"Stamps of {survey.path.name}")
    histogram, over_time, intervals = figure.subplots(3, 1)
    start = min(
        (camera.stamps.known_ns[0] for camera in survey.cameras.values() if camera.stamps.known_ns),
        default=0,
    )
    _draw_histogram(histogram, pairing)
    _draw_skews(over_time, survey, pairing, start)
    _draw_intervals(intervals, survey, start)
    for axes in (histogram, over_time, intervals):
        axes.grid(visible=True, alpha=0.3)
    return figure


def _draw_histogram(axes: Axes, pairing: Pairing) -> None:
    skews = [skew / 1e6 for skew in pairing.skews]
    edges = [(limit - pairing.right_offset) / 1e6 for limit in (-pairing.slop, pairing.slop)]
    axes.hist(skews, bins=_BINS, range=(min(edges), max(edges)), color="tab:green")
    for edge, label in zip(edges, ("slop", None), strict=True):
        axes.axvline(edge, color="tab:red", linestyle="--", label=label)
    axes.set(xlabel="right stamp minus left stamp (ms)", ylabel="pairs")
    axes.legend()


def _draw_skews(axes: Axes, survey: BagSurvey, pairing: Pairing, start: int) -> None:
    lefts = survey.cameras[Side.LEFT].stamps.stamps_ns
    seconds = [((lefts[left] or start) - start) / 1e9 for left, _ in pairing.pairs]
    axes.plot(seconds, [skew / 1e6 for skew in pairing.skews], ".", color="tab:green")
    axes.set(xlabel="time by the left stamps (s)", ylabel="skew (ms)")


def _draw_intervals(axes: Axes, survey: BagSurvey, start: int) -> None:
    for side, camera in survey.cameras.items():
        steps = list(pairwise(camera.stamps.known_ns))
        axes.plot(
            [(after - start) / 1e9 for _, after in steps],
            [(after - before) / 1e6 for before, after in steps],
            ".-",
            color=_COLORS[side],
            label=side.value,
            alpha=0.7,
        )
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="time by the stamps (s); below 0 they go back", ylabel="interval (ms)")
    axes.legend()
