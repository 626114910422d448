"""Supervised training on clean pairs with rain rendered on the fly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset
from tqdm import tqdm

from apanet_core.data.scene import Scene
from apanet_core.data.synthetic_rain import Sample, SyntheticRain
from apanet_core.errors import ApanetError, ConfigError
from apanet_core.evaluation.rain_removal import RainRemoval, evaluate_rain_removal
from apanet_core.losses.ssim import ssim_loss
from apanet_core.network.apanet import APANet
from apanet_core.network.checkpoint import load_model, save_model
from apanet_core.runtime.torch_backend import TorchBackend
from apanet_core.training.recipe import Recipe
from apanet_core.training.state import load_state, save_state

VALIDATION_SEED = 7


class Trainer:
    """Train one recipe in one folder; started again in the same folder, it goes on.

    The folder holds `recipe.yaml`, `state.pt` (to resume from), `best.safetensors` (averaged
    weights of the best validation so far, in float16) and `log.csv`.

    Args:
        recipe: what to train.
        folder: the run folder, made if missing.
        train_scenes: clean pairs to train on.
        validation_scenes: clean pairs of other places, to choose the best weights by.
        device: torch device.
        start_from: weights to begin a new run with, as `load_model` takes them; of the recipe's
            network. `None` begins with random ones.

    Raises:
        ConfigError: the folder holds the run of another recipe, or `start_from` another network.
        CheckpointError: its state is damaged.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        train_scenes: Sequence[Scene],
        validation_scenes: Sequence[Scene],
        device: str,
        start_from: str | None = None,
    ) -> None:
        _claim(folder, recipe)
        torch.manual_seed(recipe.seed)
        self._recipe = recipe
        self._folder = folder
        self._device = torch.device(device)
        self._samples = SyntheticRain(
            train_scenes,
            recipe.crop,
            recipe.steps * recipe.batch_size,
            recipe.seed,
            recipe.clear_share,
        )
        self._validation_scenes = validation_scenes
        self.model = _begin(recipe, start_from).to(self._device)
        self.average = APANet(recipe.network).to(self._device).eval()
        self.average.load_state_dict(self.model.state_dict())
        self._optimizer = torch.optim.Adam(self.model.parameters(), lr=recipe.learning_rate)
        self.step = 0
        self.best_psnr = -math.inf
        self._resume()

    def run(self) -> None:
        """Train to the recipe's last step, saving and validating on the way.

        Raises:
            ApanetError: the loss is no longer finite; the last saved state stays.
        """
        recipe = self._recipe
        with tqdm(total=recipe.steps, initial=self.step, desc=recipe.name, unit="step") as bar:
            for sample in self._batches():
                loss = self._train_on(sample)
                self.step += 1
                bar.update()
                bar.set_postfix(loss=f"{loss:.4f}", best=f"{self.best_psnr:.2f} dB", refresh=False)
                last = self.step == recipe.steps
                if self.step % recipe.validate_every == 0 or last:
                    self._validate(loss)
                if self.step % recipe.checkpoint_every == 0 or last:
                    self._save()

    def _batches(self) -> Iterator[Sample]:
        done = self.step * self._recipe.batch_size
        remaining = Subset(self._samples, range(done, len(self._samples)))
        workers = self._recipe.workers
        return iter(
            DataLoader(
                remaining,
                batch_size=self._recipe.batch_size,
                num_workers=workers,
                prefetch_factor=4 if workers else None,
                pin_memory=self._device.type == "cuda",
            )
        )

    def _train_on(self, sample: Sample) -> float:
        rainy_left, rainy_right, clean_left, clean_right = (
            view.to(self._device, non_blocking=True) for view in sample
        )
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(self._recipe, self.step)
        left, right = self.model(rainy_left, rainy_right)
        loss = self._loss(left, clean_left) + self._loss(right, clean_right)
        if not torch.isfinite(loss):
            raise ApanetError(
                f"The loss is not finite at step {self.step}: lower learning_rate and start again "
                f"from the state saved in {self._folder}."
            )
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self._recipe.gradient_clip)
        self._optimizer.step()
        self._update_average()
        return float(loss.detach())

    def _loss(self, output: Tensor, target: Tensor) -> Tensor:
        absolute = (output - target).abs().mean()
        return (
            self._recipe.l1_weight * absolute + self._recipe.ssim_weight * ssim_loss(output, target)
        ) / 2

    @torch.no_grad()
    def _update_average(self) -> None:
        # Early on, the average follows closely, so that it forgets the random start.
        decay = min(self._recipe.ema_decay, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(
            list(self.average.parameters()), list(self.model.parameters()), 1 - decay
        )

    def _validate(self, loss: float) -> None:
        backend = TorchBackend(self.average)
        found = evaluate_rain_removal(backend.derain, self._validation_scenes, VALIDATION_SEED)
        self._log(loss, found)
        if found.mean.output_psnr > self.best_psnr:
            self.best_psnr = found.mean.output_psnr
            origin = {"recipe": self._recipe.to_yaml(), "step": str(self.step)}
            save_model(self.average, self._folder / "best.safetensors", torch.float16, origin)

    def _log(self, loss: float, found: RainRemoval) -> None:
        path = self._folder / "log.csv"
        if not path.exists():
            path.write_text("step,loss,input_psnr,output_psnr,input_ssim,output_ssim,clear_psnr\n")
        mean = found.mean
        with path.open("a") as file:
            file.write(
                f"{self.step},{loss:.5f},{mean.input_psnr:.3f},{mean.output_psnr:.3f},"
                f"{mean.input_ssim:.4f},{mean.output_ssim:.4f},{found.clear_psnr:.3f}\n"
            )

    def _save(self) -> None:
        save_state(
            self._folder,
            {
                "step": self.step,
                "best_psnr": self.best_psnr,
                "model": self.model.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self._optimizer.state_dict(),
            },
        )

    def _resume(self) -> None:
        state = load_state(self._folder)
        if state is not None:
            self._restore(state)
        _forget_steps_after(self.step, self._folder / "log.csv")

    def _restore(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.best_psnr = state["best_psnr"]
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the learning rate of a step (from 0): linear warm-up, then a cosine."""
    if step < recipe.warmup_steps:
        return recipe.learning_rate * (step + 1) / recipe.warmup_steps
    span = max(1, recipe.steps - 1 - recipe.warmup_steps)
    phase = math.pi * (step - recipe.warmup_steps) / span
    fall = recipe.learning_rate - recipe.final_learning_rate
    return recipe.final_learning_rate + fall * (1 + math.cos(phase)) / 2


def _begin(recipe: Recipe, start_from: str | None) -> APANet:
    if start_from is None:
        return APANet(recipe.network)
    model = load_model(start_from).train()
    if model.config != recipe.network:
        raise ConfigError(f"{start_from} holds another network than the recipe's.")
    return model


def _claim(folder: Path, recipe: Recipe) -> None:
    """Keep the recipe in the folder, or make sure that it is the one already there."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "recipe.yaml"
    if not kept.exists():
        aside = kept.with_name(kept.name + ".part")
        aside.write_text(recipe.to_yaml(), encoding="utf-8")
        aside.replace(kept)
    elif kept.read_text(encoding="utf-8") != recipe.to_yaml():
        raise ConfigError(f"{folder} holds the run of another recipe: choose another folder.")


def _forget_steps_after(step: int, log: Path) -> None:
    """Drop the log's lines of steps after the saved one: those will be trained again."""
    if log.exists():
        header, *lines = log.read_text().splitlines(keepends=True)
        kept = [line for line in lines if int(line.partition(",")[0]) <= step]
        log.write_text("".join([header, *kept]))
