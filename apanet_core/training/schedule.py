"""Which crop, batch and learning rate each step of a training has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apanet_core.training.recipe import OptimizerRecipe, StageRecipe


class Stage(NamedTuple):
    """A stage whose place in the training is known.

    Attributes:
        crop: `(height, width)` in pixels.
        batch_size: samples per step.
        first_step, steps: from where, and how many.
        first_sample: number of the sample that its first step begins with.
    """

    crop: tuple[int, int]
    batch_size: int
    first_step: int
    steps: int
    first_sample: int

    @property
    def end(self) -> int:
        """The step after its last one."""
        return self.first_step + self.steps

    def sample_of(self, step: int) -> int:
        """Return the number of the first sample of one of its steps."""
        return self.first_sample + (step - self.first_step) * self.batch_size


class Schedule:
    """The stages of a training in a row.

    Args:
        stages: as the recipe lists them.
        epoch: samples in an epoch.
        optimizer: learning rates.
    """

    def __init__(
        self, stages: Sequence[StageRecipe], epoch: int, optimizer: OptimizerRecipe
    ) -> None:
        self.stages = tuple(_placed(stages, epoch))
        self.steps = self.stages[-1].end
        self._samples = self.stages[-1].sample_of(self.steps)
        self._optimizer = optimizer

    def samples_before(self, step: int) -> int:
        """Return how many samples are drawn before a step."""
        stage = next((stage for stage in self.stages if step < stage.end), self.stages[-1])
        return stage.sample_of(step)

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step (from 0): linear warm-up, then a cosine.

        The cosine runs over samples, not steps, so that epochs count alike in every stage.
        """
        recipe = self._optimizer
        if step < recipe.warmup_steps:
            return recipe.learning_rate * (step + 1) / recipe.warmup_steps
        begin = self.samples_before(min(recipe.warmup_steps, self.steps - 1))
        last = self.samples_before(self.steps - 1)
        phase = (self.samples_before(step) - begin) / max(1, last - begin)
        fall = recipe.learning_rate - recipe.final_learning_rate
        return recipe.final_learning_rate + fall * (1 + math.cos(math.pi * phase)) / 2


def _placed(stages: Sequence[StageRecipe], epoch: int) -> Iterator[Stage]:
    step = sample = 0
    for stage in stages:
        steps = stage.steps or math.ceil((stage.epochs or 0) * epoch / stage.batch_size)
        yield Stage(stage.crop, stage.batch_size, step, steps, sample)
        step += steps
        sample += steps * stage.batch_size
