from __future__ import annotations

import math

import pytest

from apanet_core.downstream.figures import Better, Definition
from apanet_core.downstream.results import summarise


def rows_of(results):
    return {row.title: row for row in summarise(results)}


def test_means_and_counts_by_hand(make_results) -> None:
    row = rows_of(make_results())["bad-3px, % against clean"]

    assert row.means == {
        "rainy": pytest.approx(0.4),
        "tiny": pytest.approx(0.3),
        "clean": pytest.approx(0.0),
    }
    assert row.better == {"tiny": 1}
    assert row.judged == 2
    assert not row.worse("tiny")


def test_where_more_is_better_less_is_worse(make_results) -> None:
    rows = rows_of(make_results())

    assert rows["repeatability, %"].worse("tiny")
    assert rows["repeatability, %"].better == {"tiny": 0}
    assert not rows["correct matches"].worse("tiny")
    assert rows["correct matches"].better == {"tiny": 1}


def test_what_is_neither_good_nor_bad_is_not_judged(make_results) -> None:
    rows = rows_of(make_results())

    assert not rows["density, %"].worse("tiny")
    assert rows["texture, × clean"].means["tiny"] == pytest.approx(1.05)
    assert not rows["texture, × clean"].worse("tiny")


def test_only_what_was_measured_has_a_row(make_results) -> None:
    still, moving = rows_of(make_results()), rows_of(make_results(sequence=True))

    assert "flicker, levels" not in still
    assert "odometry drift, %" not in still
    assert moving["flicker, levels"].judged == 1
    drift = moving["odometry drift, %"]
    assert drift.means["tiny"] == pytest.approx(0.2)
    assert drift.worse("tiny")
    assert moving["steps lost"].means["tiny"] == 1


def test_errors_against_truth_and_clean_stay_apart(make_results) -> None:
    rows = rows_of(make_results(truths=(True, False)))

    assert rows["bad-3px, % against the truth"].means["tiny"] == pytest.approx(0.2)
    assert rows["bad-3px, % against clean"].means["tiny"] == pytest.approx(0.4)
    assert rows["repeatability, %"].judged == 2


def test_values_are_shown_in_their_unit() -> None:
    share = Definition("bad", "bad, %", Better.LESS, 1, "", percent=True)

    assert share.shown(0.1234) == "12.3"
    assert share.shown(math.nan) == "–"
    assert Definition("x", "x", Better.MORE, 0, "").shown(12.6) == "13"
