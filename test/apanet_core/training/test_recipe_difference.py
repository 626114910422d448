from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("pydantic")

from apanet_core.network.config import ApanetConfig
from apanet_core.training.recipe import (
    LargeModelRecipe,
    OptimizerRecipe,
    Recipe,
    SourceRecipe,
    StageRecipe,
    ValidationRecipe,
)
from apanet_core.training.recipe_difference import differing_settings

SOURCE = SourceRecipe(kind="clean_stereo", folder="a")
RECIPE = Recipe(
    name="test",
    network=ApanetConfig(width=8),
    train=(SOURCE, dataclasses.replace(SOURCE, folder="b")),
    validate=ValidationRecipe(folder="c"),
    stages=(StageRecipe(crop=(32, 48), batch_size=2, steps=3),),
)


def test_a_recipe_does_not_differ_from_itself() -> None:
    assert differing_settings(RECIPE, dataclasses.replace(RECIPE)) == []


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"workers": 3}, ["workers"]),
        ({"optimizer": OptimizerRecipe(learning_rate=1e-3)}, ["optimizer.learning_rate"]),
        ({"network": ApanetConfig(width=8, blocks=(1, 2, 6, 8))}, ["network.blocks"]),
        ({"train": (SOURCE, dataclasses.replace(SOURCE, weight=2.0))}, ["1.folder", "1.weight"]),
        ({"train": (SOURCE,)}, ["train"]),
        ({"large_model": LargeModelRecipe(teacher="small")}, ["large_model"]),
        ({"seed": 2, "name": "other"}, ["name", "seed"]),
    ],
)
def test_places_are_named(changes, places) -> None:
    other = dataclasses.replace(RECIPE, **changes)
    places = [f"train.{place}" if place[0].isdigit() else place for place in places]
    assert differing_settings(RECIPE, other) == places
    assert differing_settings(other, RECIPE) == places
