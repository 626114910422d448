from __future__ import annotations

import pytest

pytest.importorskip("matplotlib")

from apanet_core.downstream.plots import color_of, plot_over_time, plot_pairs, plot_trajectories


def test_pairs_are_lines_and_means_are_dots(make_results) -> None:
    figure = plot_pairs(make_results())

    titles = [axes.get_title() for axes in figure.axes]
    assert titles[0] == "bad-3px, % (less is better)"
    assert len(titles) == 5, "flicker was not measured"
    bad = figure.axes[0]
    assert [line.get_ydata().tolist() for line in bad.lines] == [[40, 20, 0], [40, 40, 0]]
    assert bad.collections[0].get_offsets()[:, 1].tolist() == pytest.approx([40, 30, 0])


def test_a_sequence_is_drawn_over_its_frames(make_results) -> None:
    figure = plot_over_time(make_results(sequence=True))

    assert [axes.get_ylabel() for axes in figure.axes] == [
        "bad-3px, %",
        "correct matches",
        "flicker, levels",
    ]
    assert figure.axes[-1].get_xlabel() == "frame"
    assert figure.axes[0].lines[1].get_ydata().tolist() == pytest.approx([20, 40])


def test_trajectories_are_drawn_with_their_drift(make_results) -> None:
    results = make_results(sequence=True)

    above, off, drift = plot_trajectories(results, results.sequence).axes

    assert [text.get_text() for text in above.get_legend().get_texts()] == [
        "reference",
        "rainy",
        "tiny",
        "clean",
    ]
    # The model goes 1.2 m where the reference goes 1 m.
    assert off.lines[1].get_ydata()[-1] == pytest.approx(2.0)
    assert drift.lines[1].get_ydata().tolist() == pytest.approx([20, 20])
    assert drift.get_xlabel() == "length of the stretch (m)"


def test_every_condition_has_one_colour(make_results) -> None:
    results = make_results()

    assert len({color_of(name, results) for name in results.conditions}) == 3
