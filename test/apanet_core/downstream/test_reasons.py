from __future__ import annotations

import math
from dataclasses import replace

import pytest

from apanet_core.downstream.reasons import losses
from apanet_core.downstream.results import summarise


def reason(results, start: str, **changed: float) -> str:
    """Why a figure got worse when the model's figures are these in every pair."""
    pairs = [
        replace(found, figures=replace(found.figures, **changed))
        if found.condition == "tiny"
        else found
        for found in results.pairs
    ]
    lines = losses(summarise(replace(results, pairs=pairs)), results.models)
    return next(line for line in lines if line.startswith(start))


@pytest.mark.parametrize(
    ("density", "texture", "told"),
    [
        (
            0.8,
            1.2,
            "More pixels are matched (density is 80.0%, 60.0% in rain), fewer of them rightly.",
        ),
        (0.5, 0.8, "Smoothed surfaces give the matcher less to hold on to (gradients are ×0.80"),
        (0.5, 1.2, "What the network paints over streaks differs between the views (density is 50"),
    ],
)
def test_worse_matching_is_explained_by_density_and_texture(
    make_results, density, texture, told
) -> None:
    found = reason(make_results(), "bad-3px", bad=0.9, density=density, texture=texture)

    assert found.startswith("bad-3px, % against clean: 40.0 in rain, 90.0 after tiny (better in 0")
    assert told in found


@pytest.mark.parametrize(
    ("texture", "told"),
    [
        (0.7, "smooths fine texture away (gradients are ×0.70 of the clean picture's, ×1.30 in"),
        (1.2, "Remains of streaks still draw keypoints (gradients are ×1.20"),
    ],
)
def test_fewer_correct_matches_are_explained_by_texture(make_results, texture, told) -> None:
    assert told in reason(make_results(), "correct matches", correct=10, texture=texture)


def test_more_matches_of_which_a_smaller_share_is_right_are_told_as_such(make_results) -> None:
    found = reason(make_results(), "correct of judged", precision=0.5, correct=300)

    assert "More matches are found, and more are correct (300, 150 in rain)" in found


def test_a_flat_clean_picture_has_a_reason_too(make_results) -> None:
    found = reason(make_results(), "repeatability", repeatability=0.1, texture=math.nan)
    results = make_results()
    flat = [replace(p, figures=replace(p.figures, texture=math.nan)) for p in results.pairs]

    assert "Remains of streaks" in found
    lines = losses(summarise(replace(results, pairs=flat)), results.models)
    assert any("the clean picture is flat" in line for line in lines)


def test_every_figure_that_can_get_worse_has_a_reason(make_results) -> None:
    worse = {
        "bad": 1.0, "wrong": 1.0, "end_point_px": 99.0, "repeatability": 0.0, "correct": 0.0,
        "precision": 0.0, "view_difference": 99.0, "flicker": 99.0,
    }  # fmt: skip

    results = make_results(sequence=True)

    judged = [row for row in summarise(results) if row.definition.better.value != "–"]
    # A way without turns has none too many.
    for title in [row.title for row in judged if row.definition.key != "rotation_deg_per_m"]:
        assert reason(results, title, **worse).endswith((".", ")."))
