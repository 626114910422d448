from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

pytest.importorskip("torch")
pytest.importorskip("pydantic")

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from apanet_core.data.clean_stereo import CleanStereo
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.sample import RealSample, Sample
from apanet_core.data.scene import Scene
from apanet_core.errors import ApanetError, CheckpointError, ConfigError
from apanet_core.machine import describe_commit
from apanet_core.network.checkpoint import load_model, save_model
from apanet_core.network.config import ApanetConfig
from apanet_core.training.recipe import (
    LargeModelRecipe,
    LossRecipe,
    OptimizerRecipe,
    RealRainRecipe,
    Recipe,
    SourceRecipe,
    StageRecipe,
    ValidationRecipe,
    load_recipe,
)
from apanet_core.training.trainer import Trainer, TrainingData
from apanet_core.training.validation import rendered_validation

NETWORK = ApanetConfig(
    width=8, blocks=(1, 1), memory_size=(4, 4), stem_fold=4, parallax=(False, True)
)
RECIPE = Recipe(
    name="test",
    network=NETWORK,
    train=(SourceRecipe(kind="clean_stereo", folder="train"),),
    validate=ValidationRecipe(folder="validate", scenes=1, every=3),
    stages=(
        StageRecipe(crop=(32, 32), batch_size=3, steps=2),
        StageRecipe(crop=(32, 48), batch_size=2, steps=4),
    ),
    loss=LossRecipe(ssim=0.2, l1=1.0, consistency=0.5),
    optimizer=OptimizerRecipe(learning_rate=4e-3, warmup_steps=2, ema_decay=0.8),
    workers=0,
    checkpoint_every=2,
)


class Interrupted(CleanStereo):
    """Pairs that can be drawn so many times before the plug is pulled."""

    draws = 10**9

    def draw(self, generator, crop):
        self.draws -= 1
        if self.draws < 0:
            raise UnpluggedError
        return super().draw(generator, crop)


class RealRain:
    """Pairs of real rain; that it is not rain does not matter here."""

    description = "made pairs"

    def __len__(self) -> int:
        return 2

    def check_crop(self, crop) -> None: ...

    def draw(self, generator, crop) -> RealSample:
        noise = torch.from_numpy(generator.random((2, 3, *crop), dtype=np.float32))
        return RealSample(*noise)


@pytest.fixture(scope="module")
def scenes(make_scenes) -> list[Scene]:
    return make_scenes(3, 48, 64)


@pytest.fixture(scope="module")
def data(scenes):
    """Return what is trained on, until so many draws."""

    def make(draws: int = 10**9) -> TrainingData:
        source = Interrupted(scenes[:2], RenderedRain(clear_share=0.1))
        source.draws = draws
        return TrainingData([(source, 1.0)], rendered_validation(scenes[2:]), [(RealRain(), 1.0)])

    return make


@pytest.fixture
def train(data):
    """Return a trainer that has run a recipe in a folder."""

    def run(recipe: Recipe, folder: Path, draws: int = 10**9) -> Trainer:
        trainer = Trainer(recipe, folder, data(draws), "cpu")
        trainer.run()
        return trainer

    return run


@pytest.fixture
def broken_off_makes_no_difference(tmp_path, train):
    """Train a recipe in one go, into `whole`, and resumed; return the first once they are equal."""

    def run(recipe: Recipe) -> Trainer:
        whole = train(recipe, tmp_path / "whole")
        with pytest.raises(UnpluggedError):
            train(recipe, tmp_path / "broken", 11)
        resumed = train(recipe, tmp_path / "broken")
        assert equal(resumed.model.state_dict(), whole.model.state_dict())
        return whole

    return run


def one_stage(steps: int, recipe: Recipe = RECIPE) -> Recipe:
    stages = (StageRecipe(crop=(32, 48), batch_size=2, steps=steps),)
    return dataclasses.replace(recipe, stages=stages)


def validated_every(every: int, recipe: Recipe) -> Recipe:
    return dataclasses.replace(recipe, validate=dataclasses.replace(recipe.validate, every=every))


class UnpluggedError(Exception):
    """The plug was pulled."""


EXPLOSIVE = validated_every(
    100, dataclasses.replace(RECIPE, optimizer=OptimizerRecipe(learning_rate=1e30))
)


def log_of(folder: Path) -> list[dict[str, float]]:
    keys, *rows = [line.split(",") for line in (folder / "log.csv").read_text().splitlines()]
    return [dict(zip(keys, map(float, row), strict=True)) for row in rows]


def equal(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory) -> tuple[Path, Trainer]:
    """A training that nothing interrupted, and its folder."""
    folder = tmp_path_factory.mktemp("whole")
    trainer = Trainer(RECIPE, folder, data(), "cpu")
    trainer.run()
    return folder, trainer


# In the first stage, between the stages, in the middle of the second one.
@pytest.mark.parametrize(("draws", "saved"), [(4, 0), (7, 2), (11, 4)])
def test_a_broken_off_training_ends_as_if_it_had_not_been(
    tmp_path, data, whole, train, draws: int, saved: int
) -> None:
    folder, expected = whole
    with pytest.raises(UnpluggedError):
        train(RECIPE, tmp_path, draws)

    resumed = Trainer(RECIPE, tmp_path, data(), "cpu")
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
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    again = train(RECIPE, folder)

    assert again.step == 6
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_the_folder_holds_what_was_promised(whole) -> None:
    folder, trainer = whole

    assert sorted(path.name for path in folder.iterdir()) == [
        "best.safetensors",
        "environment.yaml",
        "log.csv",
        "recipe.yaml",
        "state.pt",
        "tensorboard",
    ]
    assert load_recipe(folder / "recipe.yaml") == RECIPE
    log = log_of(folder)
    assert [row["step"] for row in log] == [3, 6]
    assert trainer.best_psnr == pytest.approx(max(row["output_psnr"] for row in log), abs=1e-3)


def test_the_best_weights_are_the_averaged_ones_of_the_best_validation(tmp_path, train) -> None:
    trainer = train(validated_every(6, RECIPE), tmp_path)

    best = load_model(tmp_path / "best.safetensors")

    assert best.config == RECIPE.network
    for name, tensor in trainer.average.state_dict().items():
        assert torch.equal(best.state_dict()[name], tensor.half().float()), name
    assert not torch.equal(trainer.average.stem.weight, trainer.model.stem.weight)


def test_training_teaches(tmp_path, train) -> None:
    recipe = validated_every(4, one_stage(24))

    train(recipe, tmp_path)

    log = log_of(tmp_path)
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    assert log[-1]["output_psnr"] > log[0]["output_psnr"] + 2


def test_a_run_begins_with_the_weights_it_is_given(tmp_path, data, whole) -> None:
    folder, _ = whole
    best = str(folder / "best.safetensors")

    trainer = Trainer(RECIPE, tmp_path, data(), "cpu", start_from=best)

    expected = load_model(best).state_dict()
    assert equal(trainer.model.state_dict(), expected)
    assert equal(trainer.average.state_dict(), expected)
    assert trainer.model.training
    assert trainer.step == 0


def test_a_resumed_run_does_not_begin_again(tmp_path, data, whole, train) -> None:
    one_step = one_stage(1)
    begun = train(one_step, tmp_path)
    best = str(whole[0] / "best.safetensors")

    again = Trainer(one_step, tmp_path, data(), "cpu", start_from=best)

    assert equal(again.model.state_dict(), begun.model.state_dict())


def test_the_weights_say_what_they_began_with_even_when_resumed(tmp_path, data, whole) -> None:
    best = whole[0] / "best.safetensors"
    recipe = one_stage(2)
    begun = Trainer(recipe, tmp_path, data(), "cpu", start_from=str(best))
    begun._save()

    Trainer(recipe, tmp_path, data(), "cpu").run()

    with safe_open(tmp_path / "best.safetensors", framework="pt") as file:
        said = file.metadata()
    digest = hashlib.sha256(best.read_bytes()).hexdigest()
    assert said["start_from"] == f"{best} (SHA-256 {digest})"
    assert said["commit"] == describe_commit()
    with safe_open(best, framework="pt") as file:
        assert file.metadata()["start_from"] == "random weights"


def test_weights_of_another_network_are_refused(tmp_path, data, whole) -> None:
    best = str(whole[0] / "best.safetensors")
    wider = dataclasses.replace(
        RECIPE, network=dataclasses.replace(RECIPE.network, memory_size=(8, 8))
    )

    with pytest.raises(
        ConfigError, match=re.escape(f"{best} is no beginning for this recipe: A network with mem")
    ):
        Trainer(wider, tmp_path, data(), "cpu", start_from=best)


def test_another_recipe_in_the_same_folder_is_refused(tmp_path, data, train) -> None:
    train(one_stage(1), tmp_path)
    state = (tmp_path / "state.pt").read_bytes()

    with pytest.raises(
        ConfigError,
        match=re.escape(f"{tmp_path} holds the run of another recipe (stages differs): choose"),
    ):
        Trainer(RECIPE, tmp_path, data(), "cpu")

    assert (tmp_path / "state.pt").read_bytes() == state


def test_a_run_goes_on_with_other_workers(tmp_path, data, whole, train) -> None:
    with pytest.raises(UnpluggedError):
        train(RECIPE, tmp_path, 7)

    resumed = train(dataclasses.replace(RECIPE, workers=1, checkpoint_every=1), tmp_path)

    assert equal(resumed.model.state_dict(), whole[1].model.state_dict())
    assert load_recipe(tmp_path / "recipe.yaml").workers == 1


def test_a_damaged_state_stops_before_it_is_overwritten(tmp_path, data, train) -> None:
    train(one_stage(1), tmp_path)
    (tmp_path / "state.pt").write_bytes(b"half a file")

    with pytest.raises(CheckpointError, match=r"state\.pt is damaged: move it away"):
        train(one_stage(1), tmp_path)

    assert (tmp_path / "state.pt").read_bytes() == b"half a file"


def test_a_loss_that_is_not_finite_stops_and_keeps_state_and_batch(tmp_path, train) -> None:
    recipe = dataclasses.replace(EXPLOSIVE, checkpoint_every=1)

    where = re.escape(str(tmp_path))
    with pytest.raises(
        ApanetError,
        match=rf"The (loss|gradient) is not finite at step \d; its batch is saved in {where}"
        r"/bad_batch\.pt: start a new run in another folder, with a lower learning_rate\.$",
    ):
        train(recipe, tmp_path)

    state = torch.load(tmp_path / "state.pt", weights_only=True)
    batch = torch.load(tmp_path / "bad_batch.pt", weights_only=True)
    assert 1 <= state["step"] == batch["step"] < 6
    assert len(batch["sample"]) == len(Sample._fields)
    assert batch["real"] is None


def test_the_best_weights_so_far_are_named_to_begin_again_with(tmp_path, data) -> None:
    best = tmp_path / "best.safetensors"
    trainer = Trainer(EXPLOSIVE, tmp_path, data(), "cpu")
    save_model(trainer.average, best)

    with pytest.raises(
        ApanetError, match=re.escape(f"with a lower learning_rate and --start-from {best}.")
    ):
        trainer.run()


def test_a_smaller_network_grows_into_the_recipes(tmp_path, data, whole) -> None:
    best = str(whole[0] / "best.safetensors")
    larger = dataclasses.replace(NETWORK, blocks=(2, 2), parallax=(True, True))
    recipe = dataclasses.replace(RECIPE, network=larger)

    trainer = Trainer(recipe, tmp_path, data(), "cpu", start_from=best)

    views = torch.rand(2, 1, 3, 32, 32)
    with torch.no_grad():
        for found, expected in zip(trainer.model(*views), load_model(best)(*views), strict=True):
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_every_start_is_noted(tmp_path, data, train) -> None:
    with pytest.raises(UnpluggedError):
        train(RECIPE, tmp_path, 7)
    train(RECIPE, tmp_path)

    starts = yaml.safe_load((tmp_path / "environment.yaml").read_text())

    assert [start["from_step"] for start in starts] == [0, 2]
    assert starts[0]["torch"] == torch.__version__
    assert starts[0]["commit"] == describe_commit()
    assert starts[0]["processes"] == 1


def test_tensorboard_shows_losses_and_a_picture(whole) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(whole[0] / "tensorboard")).Reload()

    assert [event.step for event in events.Scalars("validation/output_psnr")] == [3, 6]
    picture = events.Images("validation/rainy, derained, clean")[0]
    assert (picture.height, picture.width) == (3 * 48, 64)


def test_training_in_bfloat16_teaches(tmp_path, train) -> None:
    optimizer = dataclasses.replace(RECIPE.optimizer, precision="bfloat16")
    recipe = dataclasses.replace(one_stage(16), optimizer=optimizer)

    trainer = train(validated_every(4, recipe), tmp_path)

    log = log_of(tmp_path)
    assert log[-1]["loss"] < 0.7 * log[0]["loss"]
    assert {parameter.dtype for parameter in trainer.model.parameters()} == {torch.float32}


@pytest.fixture
def teacher(tmp_path, make_network) -> str:
    """A single-image network in a file."""
    path = tmp_path / "teacher.safetensors"
    save_model(make_network(dataclasses.replace(NETWORK, parallax=(False, False))), path)
    return str(path)


def test_distillation_from_a_single_image_teacher_resumes_too(
    tmp_path, train, teacher, broken_off_makes_no_difference
) -> None:
    real = RealRainRecipe(
        teacher=teacher,
        sources=(SourceRecipe(kind="real_stereo", folder="real"),),
        features=f"encoder:{teacher}",
        contrastive=0.1,
        batch_size=1,
    )
    recipe = dataclasses.replace(RECIPE, real_rain=real)
    whole = broken_off_makes_no_difference(recipe)
    plain = train(RECIPE, tmp_path / "plain")
    assert not equal(whole.model.state_dict(), plain.model.state_dict())


def test_training_by_muon_resumes_too(tmp_path, train, broken_off_makes_no_difference) -> None:
    muon = dataclasses.replace(RECIPE.optimizer, kind="muon")
    recipe = dataclasses.replace(RECIPE, optimizer=muon)
    whole = broken_off_makes_no_difference(recipe)
    by_adam = train(RECIPE, tmp_path / "adam")
    assert not equal(whole.model.state_dict(), by_adam.model.state_dict())


def test_a_step_whose_gradients_overflow_is_left_out_whole(tmp_path, data) -> None:
    muon = dataclasses.replace(RECIPE.optimizer, kind="muon")
    trainer = Trainer(dataclasses.replace(RECIPE, optimizer=muon), tmp_path, data(), "cpu")
    trainer._scaler = torch.amp.GradScaler("cpu", init_scale=1.0)
    view = torch.rand(1, 3, 32, 48)
    clean, none = view.square(), torch.zeros(1, 1, 32, 48)
    sample = Sample(view, view, clean, clean, none, view, view, none, none)
    before = [tensor.clone() for tensor in trainer.model.parameters()]
    trainer._train_on(sample, None)
    between = [tensor.clone() for tensor in trainer.model.parameters()]
    assert any(not torch.equal(*both) for both in zip(before, between, strict=True))

    muons = trainer._optimizers[0].param_groups[0]["params"][0]
    muons.register_hook(lambda gradient: gradient * torch.inf)
    trainer._train_on(sample, None)

    after = trainer.model.parameters()
    assert all(torch.equal(*both) for both in zip(between, after, strict=True))
    assert trainer._scaler.get_scale() < 1


def test_the_weights_say_which_features_were_compared(tmp_path, train, teacher) -> None:
    real = RealRainRecipe(
        teacher=teacher,
        sources=(SourceRecipe(kind="real_single", folder="real"),),
        features=f"encoder:{teacher}",
    )
    train(dataclasses.replace(one_stage(1), real_rain=real), tmp_path / "run")

    with safe_open(tmp_path / "run" / "best.safetensors", framework="pt") as file:
        said = file.metadata()["contrastive_features"]

    assert re.fullmatch(r"apanet encoder of teacher sha256:[0-9a-f]{64}", said)


def test_a_small_network_learns_from_a_large_one(
    tmp_path, make_network, broken_off_makes_no_difference
) -> None:
    large = tmp_path / "large.safetensors"
    save_model(make_network(dataclasses.replace(NETWORK, width=12)), large)
    recipe = dataclasses.replace(
        RECIPE, large_model=LargeModelRecipe(teacher=str(large), output=1.0, taps=0.5)
    )
    broken_off_makes_no_difference(recipe)
    learned = torch.load(tmp_path / "whole" / "state.pt", weights_only=True)["learned"]
    assert "large_model.project_encoder.weight" in learned
