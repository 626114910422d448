from __future__ import annotations

import csv
import io
import json

import pytest

from apanet_core.downstream.data_files import as_json, pairs_csv


def test_csv_has_a_line_for_every_pair_and_condition(make_results) -> None:
    lines = list(csv.DictReader(io.StringIO(pairs_csv(make_results(truths=(True, False))))))

    assert [(line["pair"], line["condition"]) for line in lines] == [
        (pair, condition) for pair in "ab" for condition in ("rainy", "tiny", "clean")
    ]
    assert lines[1]["bad"] == "0.2"
    assert lines[1]["reference"] == "truth"
    assert lines[4]["reference"] == "clean"
    assert lines[0]["flicker"] == ""


def test_json_holds_everything_and_knows_no_nan(make_results) -> None:
    content = json.loads(as_json(make_results(sequence=True), [("commit", "abc1234")]))

    assert content["about"] == {"commit": ["abc1234"]}
    assert content["pairs"][0]["flicker"] is None
    assert content["pairs"][4]["flicker"] == 8.0
    summary = {row["figure"]: row for row in content["summary"]}
    assert summary["bad"]["means"]["tiny"] == pytest.approx(0.3)
    assert summary["bad"]["better_in"] == {"tiny": 1}
    drift = content["odometry"]["drift"]["tiny"]
    assert drift["by_length_m"]["5"]["translation"] == pytest.approx(0.2)
    assert drift["lost"] == 1
    assert content["odometry"]["reference"] == "clean"


def test_two_models_are_both_told(make_results) -> None:
    about = [("model", "tiny on cpu"), ("model", "small on cpu")]

    content = json.loads(as_json(make_results(), about))

    assert content["about"] == {"model": ["tiny on cpu", "small on cpu"]}
    assert content["odometry"] is None
