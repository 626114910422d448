from __future__ import annotations

import numpy as np
import pytest

from apanet_core.data.other_view import OTHER_VIEWS
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.other_views import (
    OtherViewRecord,
    compare_other_views,
    measure_other_views,
    other_view_remark,
    other_view_table,
    right_views,
)
from apanet_core.evaluation.trials import RenderedRain

HEAVY = 4
"""Of the first scene: dry, drizzle, light, moderate, heavy."""

SELFISH = Method("selfish", lambda left, right: (left, right))
SPOILT = Method("spoilt", lambda left, right: (left // 2 + right // 2, right), "the mean of both")


@pytest.fixture(scope="module")
def one_scene(make_scenes) -> RenderedRain:
    return RenderedRain(make_scenes(1, 72, 112), seed=3, names=["road"])


def test_every_right_view_has_the_size_of_the_left_one(rendered) -> None:
    scene = rendered.rainy_scene(HEAVY)

    rights = right_views(rendered, HEAVY, scene, seed=1)

    assert list(rights) == ["true", *OTHER_VIEWS]
    assert {(view.shape, view.dtype) for view in rights.values()} == {
        ((72, 112, 3), np.dtype("uint8"))
    }
    assert rights["true"] is scene.right.rainy
    assert rights["copy"] is scene.left.rainy
    assert (rights["black"].max(), rights["white"].min()) == (0, 255)


def test_the_unrelated_view_is_that_of_the_next_scene(rendered) -> None:
    first, last = HEAVY, HEAVY + 6

    rights = [
        right_views(rendered, index, rendered.rainy_scene(index), 1)["unrelated"]
        for index in (first, last)
    ]

    assert np.array_equal(rights[0], rendered[last].rainy[1])
    assert np.array_equal(rights[1], rendered[first].rainy[1])


def test_an_unrelated_view_of_another_size_is_fitted(make_scenes) -> None:
    trials = RenderedRain([*make_scenes(1, 72, 112), *make_scenes(1, 70, 100)], seed=3)

    rights = right_views(trials, HEAVY, trials.rainy_scene(HEAVY), 1)

    assert rights["unrelated"].shape == (72, 112, 3)


def test_with_one_scene_the_unrelated_view_is_made_of_it(one_scene) -> None:
    scene = one_scene.rainy_scene(HEAVY)

    unrelated = right_views(one_scene, HEAVY, scene, 1)["unrelated"]

    assert not np.array_equal(unrelated, scene.right.rainy)


def test_a_method_that_stands_by_itself_loses_nothing(one_scene) -> None:
    records = compare_other_views([SELFISH, SPOILT], one_scene, seed=1)

    # Five severities, and not the dry pair.
    assert len(records) == 2 * 5 * (1 + len(OTHER_VIEWS))
    assert {row.against_copy for row in records if row.method == "selfish"} == {0}
    harmed = [row for row in records if (row.method, row.other) == ("spoilt", "black")]
    assert all(row.against_copy < -3 for row in harmed)
    assert all(row.against_copy == 0 for row in records if row.other == "copy")


def test_the_seed_decides_what_is_random(one_scene) -> None:
    first, again, other = (compare_other_views([SPOILT], one_scene, seed) for seed in (1, 1, 2))

    assert first == again != other


def test_the_table_by_hand() -> None:
    loss = {"true": 1.5, "black": -2.0}
    records = [
        OtherViewRecord("net", kind, name, "heavy", 30 + shift, loss.get(kind, 0) + shift)
        for kind in ("true", *OTHER_VIEWS)
        for name, shift in (("a", 0.25), ("b", -0.25))
    ]

    rows = {row[0]: row[1:] for row in other_view_table(records).rows}

    assert list(rows) == ["true", *(kind.replace("_", " ") for kind in OTHER_VIEWS)]
    assert rows["true"] == ("30.00", "+1.50", "+1.25", "b, heavy")
    assert rows["black"] == ("30.00", "-2.00", "-2.25", "b, heavy")
    assert other_view_remark(records) == (
        "The black right view harms most: -2.00 dB against a copy."
    )


def test_the_section_holds_a_table_a_method(one_scene) -> None:
    section = measure_other_views([SELFISH, SPOILT], one_scene, seed=1)

    assert [part.caption for part in section.parts] == [
        "Other views, selfish",
        "Other views, spoilt",
    ]
    assert section.figures[0].keys() == {
        *("method", "other", "name", "weather", "psnr", "against_copy")
    }
