from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pydantic")

from apanet_core.training.recipe import OptimizerRecipe, StageRecipe
from apanet_core.training.schedule import Schedule, Stage


def cosine(warmup_steps: int) -> OptimizerRecipe:
    return OptimizerRecipe(learning_rate=1.0, final_learning_rate=0.2, warmup_steps=warmup_steps)


def test_stages_follow_each_other() -> None:
    stages = [
        StageRecipe(crop=(32, 48), batch_size=4, epochs=2),
        StageRecipe(crop=(64, 96), batch_size=2, steps=7),
    ]

    schedule = Schedule(stages, epoch=9, optimizer=OptimizerRecipe())

    # Two epochs of nine samples, four at a time, take five steps.
    assert schedule.stages == (
        Stage((32, 48), 4, first_step=0, steps=5, first_sample=0),
        Stage((64, 96), 2, first_step=5, steps=7, first_sample=20),
    )
    assert schedule.steps == 12
    assert [schedule.samples_before(step) for step in (0, 4, 5, 6, 12)] == [0, 16, 20, 22, 34]


def test_the_learning_rate_by_hand() -> None:
    stages = [StageRecipe(crop=(32, 48), batch_size=2, steps=15)]

    schedule = Schedule(stages, epoch=1, optimizer=cosine(4))

    found = [schedule.learning_rate(step) for step in range(15)]
    # A quarter more a step, then half a cosine of ten steps from 1 to 0.2.
    assert found[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    assert found[9] == pytest.approx(0.6)
    assert found[14] == pytest.approx(0.2)
    assert np.all(np.diff(found[4:]) < 0)


def test_the_cosine_counts_samples() -> None:
    stages = [
        StageRecipe(crop=(32, 48), batch_size=4, steps=5),
        StageRecipe(crop=(64, 96), batch_size=1, steps=21),
    ]

    schedule = Schedule(stages, epoch=1, optimizer=cosine(0))

    # 20 samples are drawn in the first stage, 20 before the last step of the second.
    assert schedule.learning_rate(5) == pytest.approx(0.6)
    assert schedule.learning_rate(25) == pytest.approx(0.2)


def test_a_training_of_one_step_starts_at_its_learning_rate() -> None:
    stages = [StageRecipe(crop=(32, 48), batch_size=2, steps=1)]

    assert Schedule(stages, epoch=1, optimizer=cosine(0)).learning_rate(0) == 1.0
