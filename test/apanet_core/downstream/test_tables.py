from __future__ import annotations

from dataclasses import replace

from apanet_core.downstream.results import Results
from apanet_core.downstream.tables import (
    LOSS_TITLE,
    NO_LOSS,
    as_markdown,
    cells,
    header,
    loss_lines,
    notes,
)

ABOUT = [("pairs", "made, 2 pairs"), ("commit", "abc1234")]


def without_model_losses(results: Results) -> Results:
    """The model gives the clean figures."""
    clean = {found.pair: found.figures for found in results.of("clean")}
    pairs = [
        replace(found, figures=clean[found.pair]) if found.condition == "tiny" else found
        for found in results.pairs
    ]
    return replace(results, pairs=pairs)


def test_the_table_by_hand(make_results) -> None:
    results = make_results()
    by_title = {row[0]: row[1:] for row in cells(results)}

    assert header(results) == ["figure", "better", "rainy", "tiny", "clean", "tiny against rain"]
    assert by_title["bad-3px, % against clean"] == ["less", "40.0", "30.0", "0.0", "better, 1 of 2"]
    assert by_title["repeatability, %"] == ["more", "50.0", "45.0", "100.0", "worse, 0 of 2"]
    assert by_title["density, %"] == ["–", "60.0", "65.0", "90.0", ""]


def test_a_trajectory_is_better_or_worse_as_a_whole(make_results) -> None:
    by_title = {row[0]: row[1:] for row in cells(make_results(sequence=True))}

    assert by_title["odometry drift, %"] == ["less", "10.00", "20.00", "0.00", "worse"]
    assert by_title["flicker, levels"][-1] == "as good"
    assert by_title["steps lost"] == ["less", "0", "1", "0", "worse"]


def test_markdown_stands_in_columns_and_tells_everything(make_results) -> None:
    text = as_markdown(make_results(), ABOUT)

    table = text.split("\n\n")[0].splitlines()
    assert len({len(line) for line in table}) == 1
    assert table[1].replace("-", "") == "||:|:|:|:|:|"
    assert "\n- pairs: made, 2 pairs\n- commit: abc1234" in text
    assert f"{LOSS_TITLE}\n\n- repeatability, %: 50.0 in rain, 45.0 after tiny" in text


def test_losses_come_with_a_reason_that_names_what_was_measured(make_results) -> None:
    lines = loss_lines(make_results(sequence=True))

    repeatability = next(line for line in lines if line.startswith("repeatability"))
    assert "(better in 0 of 2)" in repeatability
    assert "gradients are ×1.05 of the clean picture's, ×1.30 in rain" in repeatability
    drift = next(line for line in lines if line.startswith("odometry drift"))
    assert "RANSAC drops streaks as outliers" in drift
    end = next(line for line in lines if line.startswith("end apart"))
    assert "over all stretches drift is 10.00% in rain, 20.00% derained" in end
    assert any(line.startswith("steps lost: 0 in rain, 1 after tiny") for line in lines)


def test_no_loss_is_said_too(make_results) -> None:
    assert loss_lines(without_model_losses(make_results())) == [NO_LOSS]


def test_the_notes_tell_the_references(make_results) -> None:
    assert "reference of 2 pairs, so that its own error is 0." in notes(make_results())
    mixed = notes(make_results(truths=(True, False), sequence=True))
    assert "The true disparity is the reference of 1 pair." in mixed
    assert "reference of 1 pair, so that its own error is 0." in mixed
    assert (
        "reference is the clean pictures' own, 10.0 m long; drift is the mean over 7 stretches of "
        "5 to 10 m."
    ) in mixed
