"""Training of one recipe: supervised, with distillation where the recipe has some; resumable."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from tqdm import tqdm

from apanet_core.data.mixture import Mixture
from apanet_core.data.sample import RealSample, Sample
from apanet_core.data.source import Source
from apanet_core.errors import ApanetError, ConfigError
from apanet_core.losses.contrastive import ContrastiveLoss
from apanet_core.losses.features import load_features
from apanet_core.machine import describe_commit
from apanet_core.network.apanet import APANet
from apanet_core.network.checkpoint import load_model, save_model
from apanet_core.network.growth import grown
from apanet_core.output_files import replaced
from apanet_core.runtime.options import RuntimeOptions
from apanet_core.runtime.torch_backend import TorchBackend
from apanet_core.training.distillation import (
    LargeModelLoss,
    RealRainLoss,
    RealRainWeights,
    load_single_image_network,
)
from apanet_core.training.loader import load_batches
from apanet_core.training.objective import Objective, Terms
from apanet_core.training.optimizers import make_optimizers
from apanet_core.training.processes import Processes
from apanet_core.training.recipe import LargeModelRecipe, RealRainRecipe, Recipe
from apanet_core.training.run_folder import BEST_FILE, claim, note_environment
from apanet_core.training.run_log import RunLog
from apanet_core.training.schedule import Schedule, Stage
from apanet_core.training.state import load_state, save_state
from apanet_core.training.validation import Validation
from apanet_core.weights.hashes import sha256
from apanet_core.weights.resolve import resolve_weights

BAD_BATCH_FILE = "bad_batch.pt"


class TrainingData(NamedTuple):
    """What is trained on and what chooses the best weights.

    Attributes:
        sources: of samples with clean pictures, each with its weight.
        validation: measures the averaged weights.
        real: sources of real rain with their weights, for the recipe's `real_rain`.
    """

    sources: Sequence[tuple[Source[Sample], float]]
    validation: Validation
    real: Sequence[tuple[Source[RealSample], float]] = ()


class Trainer:
    """Train one recipe in one folder; started again in the same folder, it goes on.

    The folder holds `recipe.yaml`, `environment.yaml` (code and machine of every start), `state.pt`
    (to resume from), `best.safetensors` (averaged weights of the best validation so far, in
    float16), `log.csv` and `tensorboard/`.

    Args:
        recipe: what to train.
        folder: the run folder, made if missing.
        data: what to train on.
        device: torch device.
        start_from: weights to begin a new run with, as `load_model` takes them; of the recipe's
            network, or of a smaller one that can grow into it. `None` begins with random ones.
        processes: those that share the training.

    Raises:
        ConfigError: the folder holds the run of another recipe (`claim`), `start_from` another
            network, a teacher does not fit, or a batch cannot be divided among the processes.
        ImageError: a picture is smaller than a stage's crop; the message names it.
        CheckpointError: its state is damaged.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        data: TrainingData,
        device: str,
        start_from: str | None = None,
        processes: Processes | None = None,
    ) -> None:
        self._processes = processes or Processes()
        self._recipe = recipe
        self._folder = folder
        self._began_with = None if start_from is None else _named_with_hash(start_from)
        self._data = data
        self._device = torch.device(device)
        epoch = sum(len(source) for source, _ in data.sources)
        self._schedule = Schedule(recipe.stages, epoch, recipe.optimizer)
        self._check_stages()
        torch.manual_seed(recipe.seed)
        self.model = _begin(recipe, start_from).to(self._device)
        self.average = APANet(recipe.network).to(self._device).eval()
        self.average.load_state_dict(self.model.state_dict())
        objective = _make_objective(recipe, self.model, self._device)
        self._features = objective.real_rain and objective.real_rain.features
        self._objective = self._processes.wrapped(objective)
        self._learned = {n: p for n, p in objective.named_parameters() if p.requires_grad}
        self._optimizers = make_optimizers(
            recipe.optimizer.kind, self._learned.values(), recipe.optimizer.learning_rate
        )
        half = recipe.optimizer.precision == "float16"
        self._scaler = torch.amp.GradScaler(self._device.type, enabled=half)
        self.step = 0
        self.best_psnr = -math.inf
        # Last, so that whatever is wrong with the recipe leaves no folder.
        if self._processes.leads:
            claim(folder, recipe)
        self._restore(self._processes.from_leader(lambda: load_state(folder)))

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return self._schedule.steps

    def run(self) -> None:
        """Train to the recipe's last step, saving and validating on the way.

        Raises:
            ApanetError: the loss or a gradient is no longer finite; the last saved state stays,
                and the batch is saved beside it.
            ImageError: a picture cannot be read; the message names it.
        """
        if self.step == self.steps:
            return
        log = self._open_log()
        with tqdm(
            total=self.steps,
            initial=self.step,
            desc=self._recipe.name,
            unit="step",
            disable=not self._processes.leads,
        ) as bar:
            for sample, real in self._batches():
                scalars = self._train_on(sample, real)
                self.step += 1
                bar.update()
                bar.set_postfix(
                    loss=f"{scalars['loss']:.4f}", best=f"{self.best_psnr:.2f} dB", refresh=False
                )
                if log is not None:
                    log.training(self.step, scalars)
                self._validate_and_save(scalars["loss"], log)
        if log is not None:
            log.close()

    def _check_stages(self) -> None:
        """Find what would stop a later stage before the first one has taken hours."""
        sources: list[Source[Any]] = [source for source, _ in self._data.sources]
        sources += [source for source, _ in self._data.real]
        for stage in self._schedule.stages:
            self._processes.share_of(stage.batch_size)
            for source in sources:
                source.check_crop(stage.crop)
        if self._recipe.real_rain is not None:
            self._processes.share_of(self._recipe.real_rain.batch_size)

    def _open_log(self) -> RunLog | None:
        if not self._processes.leads:
            return None
        note_environment(self._folder, str(self._device), self._processes.count, self.step)
        return RunLog(self._folder, self.step)

    def _validate_and_save(self, loss: float, log: RunLog | None) -> None:
        last = self.step == self.steps
        if log is not None:
            if self.step % self._recipe.validate.every == 0 or last:
                self._validate(loss, log)
            if self.step % self._recipe.checkpoint_every == 0 or last:
                self._save()

    def _batches(self) -> Iterator[tuple[Sample, RealSample | None]]:
        for stage in self._schedule.stages:
            if self.step >= stage.end:
                continue
            rendered = self._load(self._data.sources, stage, stage.batch_size)
            real_rain = self._recipe.real_rain
            if real_rain is None:
                yield from ((Sample(*batch), None) for batch in rendered)
            else:
                real = self._load(self._data.real, stage, real_rain.batch_size)
                pairs = zip(rendered, real, strict=True)
                yield from ((Sample(*batch), RealSample(*wet)) for batch, wet in pairs)

    def _load(
        self, sources: Sequence[tuple[Any, float]], stage: Stage, batch_size: int
    ) -> Iterator[Any]:
        """Return this process's share of the stage's batches still to come."""
        share = self._processes.share_of(batch_size)
        first = stage.first_sample // stage.batch_size * batch_size
        count = stage.steps * batch_size
        mixture = Mixture(sources, stage.crop, first, count, self._recipe.seed, batch_size)
        done = (self.step - stage.first_step) * batch_size
        begin = done + self._processes.rank * share
        batches = [
            list(range(start, start + share)) for start in range(begin, len(mixture), batch_size)
        ]
        on_gpu = self._device.type == "cuda"
        return load_batches(mixture, batches, self._recipe.workers, pin_memory=on_gpu)

    def _train_on(self, sample: Sample, real: RealSample | None) -> dict[str, float]:
        rate = self._schedule.learning_rate(self.step)
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        sample = Sample(*(view.to(self._device, non_blocking=True) for view in sample))
        if real is not None:
            real = RealSample(*(view.to(self._device, non_blocking=True) for view in real))
        terms: Terms = self._objective(sample, real)
        loss = torch.stack(list(terms.values())).sum()
        self._require_finite(loss, "loss", sample, real)
        for optimizer in self._optimizers:
            optimizer.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        for optimizer in self._optimizers:
            self._scaler.unscale_(optimizer)
        clip = self._recipe.optimizer.gradient_clip
        norm = nn.utils.clip_grad_norm_(self._learned.values(), clip)
        if not self._scaler.is_enabled():
            self._require_finite(norm, "gradient", sample, real)
        # With float16 a step whose gradients overflowed is left out, and the scale lowered. The
        # scaler would leave it out for that optimizer alone whose gradients did.
        if torch.isfinite(norm):
            for optimizer in self._optimizers:
                self._scaler.step(optimizer)
        self._scaler.update()
        self._update_average()
        return self._scalars(terms, loss) | {"learning_rate": rate, "gradient_norm": float(norm)}

    def _scalars(self, terms: Terms, loss: Tensor) -> dict[str, float]:
        values = torch.stack([loss, *terms.values()]).detach()
        means = self._processes.mean(values).tolist()
        return dict(zip(["loss", *(f"loss_{name}" for name in terms)], means, strict=True))

    def _require_finite(
        self, value: Tensor, what: str, sample: Sample, real: RealSample | None
    ) -> None:
        if torch.isfinite(value):
            return
        path = self._folder / BAD_BATCH_FILE
        with replaced(path) as aside:
            batch = {"sample": tuple(sample), "real": real and tuple(real)}
            torch.save({"step": self.step, **batch}, aside)
        best = self._folder / BEST_FILE
        weights = f" and --start-from {best}" if best.exists() else ""
        raise ApanetError(
            f"The {what} is not finite at step {self.step}; its batch is saved in {path}: start a "
            f"new run in another folder, with a lower learning_rate{weights}."
        )

    @torch.no_grad()
    def _update_average(self) -> None:
        # Early on, the average follows closely, so that it forgets the random start.
        decay = min(self._recipe.optimizer.ema_decay, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(
            list(self.average.parameters()), list(self.model.parameters()), 1 - decay
        )

    def _validate(self, loss: float, log: RunLog) -> None:
        # As exactly as model cards are measured, whatever the GPU would take for speed.
        options = RuntimeOptions(precision="float32")
        validated = self._data.validation(TorchBackend(self.average, options).derain)
        log.validation(self.step, loss, validated)
        if validated.score > self.best_psnr:
            self.best_psnr = validated.score
            save_model(self.average, self._folder / BEST_FILE, torch.float16, self._origin())

    def _origin(self) -> dict[str, str]:
        """Return what the weights file says of itself."""
        origin = {
            "recipe": self._recipe.to_yaml(),
            "step": str(self.step),
            "start_from": self._began_with or "random weights",
            "commit": describe_commit(),
        }
        if self._features:
            origin["contrastive_features"] = self._features
        return origin

    def _save(self) -> None:
        state = {
            "step": self.step,
            "best_psnr": self.best_psnr,
            "began_with": self._began_with,
            "learned": {name: tensor.detach() for name, tensor in self._learned.items()},
            "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "scaler": self._scaler.state_dict(),
            "random": _random_state(self._device),
        }
        save_state(self._folder, state)

    @torch.no_grad()
    def _restore(self, state: dict[str, Any] | None) -> None:
        if state is None:
            return
        self.step = state["step"]
        self.best_psnr = state["best_psnr"]
        self._began_with = state["began_with"]
        for name, tensor in self._learned.items():
            tensor.copy_(state["learned"][name])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self._scaler.load_state_dict(state["scaler"])
        _set_random_state(state["random"], self._device)


def _begin(recipe: Recipe, start_from: str | None) -> APANet:
    if start_from is None:
        return APANet(recipe.network)
    model = load_model(start_from)
    if model.config == recipe.network:
        return model.train()
    try:
        return grown(model, recipe.network).train()
    except ConfigError as error:
        raise ConfigError(f"{start_from} is no beginning for this recipe: {error}") from error


def _named_with_hash(source: str) -> str:
    path = resolve_weights(source)
    return f"{source} (SHA-256 {sha256(path)})"


def _make_objective(recipe: Recipe, model: APANet, device: torch.device) -> Objective:
    real, large = recipe.real_rain, recipe.large_model
    return Objective(
        model,
        recipe.loss,
        recipe.optimizer.precision,
        _real_rain_loss(real, device) if real is not None else None,
        _large_model_loss(large, model, device) if large is not None else None,
    )


def _real_rain_loss(recipe: RealRainRecipe, device: torch.device) -> RealRainLoss:
    teacher = load_single_image_network(recipe.teacher, device)
    contrastive = ContrastiveLoss(load_features(recipe.features, device))
    weights = RealRainWeights(recipe.contrastive, recipe.total_variation, recipe.dark_channel)
    return RealRainLoss(teacher, contrastive, weights)


def _large_model_loss(
    recipe: LargeModelRecipe, model: APANet, device: torch.device
) -> LargeModelLoss:
    teacher = load_model(recipe.teacher, device)
    return LargeModelLoss(teacher, model.config, recipe.output, recipe.taps).to(device)


def _random_state(device: torch.device) -> dict[str, Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def _set_random_state(state: dict[str, Tensor], device: torch.device) -> None:
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
