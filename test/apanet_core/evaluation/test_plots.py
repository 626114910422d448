from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("matplotlib")

from apanet_core.evaluation.plots import gain_plot, psnr_gains, weather_plot, work_plot


def test_severities_have_a_line_a_method(compared) -> None:
    (axes,) = weather_plot(compared, "psnr", "PSNR (dB)").axes

    assert (axes.get_xlabel(), axes.get_ylabel()) == ("severity of the rain", "PSNR (dB)")
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines) == ["input", "net", "other", "dark"]
    assert list(lines["net"].get_ydata()) == [
        compared.mean("net", "psnr", weather) for weather in compared.weathers
    ]
    assert len({line.get_color() for line in lines.values()}) == 4
    assert len({line.get_marker() for line in lines.values()}) == 4


def test_gains_are_per_view_and_not_of_dry_pairs(compared) -> None:
    gains = psnr_gains(compared, "net")

    # Half of the error is 6 dB; rounding adds to it where the error is small.
    assert len(gains) == 2 * 5 * 2
    assert all(5 < gain < 12 for gain in gains)
    assert psnr_gains(compared, "other") == [0] * 20


def test_gains_are_drawn_for_all_but_the_input(compared) -> None:
    (axes,) = gain_plot(compared).axes

    assert axes.get_ylabel() == "PSNR gained over the input (dB)"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["net", "other", "dark"]


def test_work_is_drawn_where_two_are_counted(compared) -> None:
    (axes,) = work_plot(compared).axes

    assert axes.get_xscale() == "log"
    points = {line.get_label(): line.get_xdata() for line in axes.get_lines()}
    assert points["net"] == [0.5]
    assert points["other"] == [5]

    fewer = dataclasses.replace(compared, methods=compared.methods[:2])
    assert work_plot(fewer) is None
