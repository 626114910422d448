from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import load_file

from apanet_core.data.scene import Scene
from apanet_core.errors import ApanetError, CheckpointError, ConfigError
from apanet_core.network.checkpoint import load_model
from apanet_core.network.config import ApanetConfig
from apanet_core.training.recipe import Recipe, load_recipe
from apanet_core.training.trainer import Trainer, learning_rate

RECIPE = Recipe(
    name="test",
    network=ApanetConfig(
        width=8, blocks=(1, 1), memory_size=(4, 4), stem_fold=4, parallax=(False, True)
    ),
    steps=6,
    batch_size=2,
    crop=(32, 48),
    learning_rate=4e-3,
    warmup_steps=2,
    ema_decay=0.8,
    workers=0,
    checkpoint_every=2,
    validate_every=3,
    validation_scenes=1,
)


@pytest.fixture(scope="module")
def scenes(make_scenes) -> list[Scene]:
    return make_scenes(3, 48, 64)


@pytest.fixture
def train(scenes):
    """Return a trainer that has run a recipe in a folder."""

    def run(recipe: Recipe, folder: Path, train_scenes=None) -> Trainer:
        trainer = Trainer(recipe, folder, train_scenes or scenes[:2], scenes[2:], "cpu")
        trainer.run()
        return trainer

    return run


class UnpluggedError(Exception):
    """The plug was pulled."""


class ScenesUntil(list[Scene]):
    """Scenes that can be read so many times before the plug is pulled."""

    def __init__(self, scenes: list[Scene], reads: int) -> None:
        super().__init__(scenes)
        self._left = reads

    def __getitem__(self, index):
        self._left -= 1
        if self._left < 0:
            raise UnpluggedError
        return super().__getitem__(index)


def log_of(folder: Path) -> list[dict[str, float]]:
    keys, *rows = [line.split(",") for line in (folder / "log.csv").read_text().splitlines()]
    return [dict(zip(keys, map(float, row), strict=True)) for row in rows]


def equal(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.fixture(scope="module")
def whole(scenes, tmp_path_factory) -> tuple[Path, Trainer]:
    """A training that nothing interrupted, and its folder."""
    folder = tmp_path_factory.mktemp("whole")
    trainer = Trainer(RECIPE, folder, scenes[:2], scenes[2:], "cpu")
    trainer.run()
    return folder, trainer


@pytest.mark.parametrize(("done", "saved"), [(1, 0), (3, 2), (5, 4)])
def test_a_killed_training_ends_as_if_it_had_not_been(
    tmp_path, scenes, whole, train, done: int, saved: int
) -> None:
    folder, expected = whole
    with pytest.raises(UnpluggedError):
        train(RECIPE, tmp_path, ScenesUntil(scenes[:2], done * RECIPE.batch_size))

    resumed = Trainer(RECIPE, tmp_path, scenes[:2], scenes[2:], "cpu")
    assert resumed.step == saved
    resumed.run()

    assert equal(resumed.model.state_dict(), expected.model.state_dict())
    assert equal(resumed.average.state_dict(), expected.average.state_dict())
    assert (resumed.step, resumed.best_psnr) == (6, expected.best_psnr)
    best, whole_best = (load_file(run / "best.safetensors") for run in (tmp_path, folder))
    assert equal(best, whole_best)
    assert (tmp_path / "log.csv").read_text() == (folder / "log.csv").read_text()


def test_a_finished_training_is_left_alone(whole, train) -> None:
    folder, _ = whole
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    again = train(RECIPE, folder)

    assert again.step == 6
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_folder_holds_what_was_promised(whole) -> None:
    folder, trainer = whole

    assert sorted(path.name for path in folder.iterdir()) == [
        "best.safetensors",
        "log.csv",
        "recipe.yaml",
        "state.pt",
    ]
    assert load_recipe(folder / "recipe.yaml") == RECIPE
    log = log_of(folder)
    assert [row["step"] for row in log] == [3, 6]
    assert trainer.best_psnr == pytest.approx(max(row["output_psnr"] for row in log), abs=1e-3)


def test_the_best_weights_are_the_averaged_ones_of_the_best_validation(tmp_path, train) -> None:
    trainer = train(dataclasses.replace(RECIPE, validate_every=6), tmp_path)

    best = load_model(tmp_path / "best.safetensors")

    assert best.config == RECIPE.network
    for name, tensor in trainer.average.state_dict().items():
        assert torch.equal(best.state_dict()[name], tensor.half().float()), name
    assert not torch.equal(trainer.average.stem.weight, trainer.model.stem.weight)


def test_training_teaches(tmp_path, train) -> None:
    recipe = dataclasses.replace(RECIPE, steps=24, validate_every=4)

    train(recipe, tmp_path)

    log = log_of(tmp_path)
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    assert log[-1]["output_psnr"] > log[0]["output_psnr"] + 2


def test_a_run_begins_with_the_weights_it_is_given(tmp_path, scenes, whole) -> None:
    folder, _ = whole
    best = str(folder / "best.safetensors")

    trainer = Trainer(RECIPE, tmp_path, scenes[:2], scenes[2:], "cpu", start_from=best)

    expected = load_model(best).state_dict()
    assert equal(trainer.model.state_dict(), expected)
    assert equal(trainer.average.state_dict(), expected)
    assert trainer.model.training
    assert trainer.step == 0


def test_a_resumed_run_does_not_begin_again(tmp_path, scenes, whole, train) -> None:
    one_step = dataclasses.replace(RECIPE, steps=1)
    begun = train(one_step, tmp_path)
    best = str(whole[0] / "best.safetensors")

    again = Trainer(one_step, tmp_path, scenes[:2], scenes[2:], "cpu", start_from=best)

    assert equal(again.model.state_dict(), begun.model.state_dict())


def test_weights_of_another_network_are_refused(tmp_path, scenes, whole) -> None:
    best = str(whole[0] / "best.safetensors")
    wider = dataclasses.replace(
        RECIPE, network=dataclasses.replace(RECIPE.network, memory_size=(8, 8))
    )

    with pytest.raises(
        ConfigError, match=re.escape(f"{best} holds another network than the recipe's.")
    ):
        Trainer(wider, tmp_path, scenes[:2], scenes[2:], "cpu", start_from=best)


def test_another_recipe_in_the_same_folder_is_refused(tmp_path, scenes, train) -> None:
    train(dataclasses.replace(RECIPE, steps=1), tmp_path)
    state = (tmp_path / "state.pt").read_bytes()

    with pytest.raises(
        ConfigError,
        match=re.escape(f"{tmp_path} holds the run of another recipe: choose another folder."),
    ):
        Trainer(RECIPE, tmp_path, scenes[:2], scenes[2:], "cpu")

    assert (tmp_path / "state.pt").read_bytes() == state


def test_a_damaged_state_stops_before_it_is_overwritten(tmp_path, scenes, train) -> None:
    train(dataclasses.replace(RECIPE, steps=1), tmp_path)
    (tmp_path / "state.pt").write_bytes(b"half a file")

    with pytest.raises(CheckpointError, match=r"state\.pt is damaged: move it away"):
        train(dataclasses.replace(RECIPE, steps=1), tmp_path)

    assert (tmp_path / "state.pt").read_bytes() == b"half a file"


def test_a_loss_that_is_not_finite_stops_and_keeps_the_saved_state(tmp_path, train) -> None:
    recipe = dataclasses.replace(
        RECIPE, learning_rate=1e30, warmup_steps=0, checkpoint_every=1, validate_every=100
    )

    where = re.escape(str(tmp_path))
    with pytest.raises(
        ApanetError, match=rf"The loss is not finite at step \d: lower learning_rate .*{where}"
    ):
        train(recipe, tmp_path)

    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert 1 <= state["step"] < 6


def test_the_learning_rate_by_hand() -> None:
    recipe = dataclasses.replace(
        RECIPE, steps=15, warmup_steps=4, learning_rate=1.0, final_learning_rate=0.2
    )

    found = [learning_rate(recipe, step) for step in range(15)]

    # A quarter more a step, then half a cosine of ten steps from 1 to 0.2.
    assert found[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    assert found[9] == pytest.approx(0.6)
    assert found[14] == pytest.approx(0.2)
    assert np.all(np.diff(found[4:]) < 0)


def test_a_recipe_without_warm_up_starts_at_its_learning_rate() -> None:
    recipe = dataclasses.replace(RECIPE, steps=1, warmup_steps=0, learning_rate=1.0)

    assert learning_rate(recipe, 0) == 1.0
