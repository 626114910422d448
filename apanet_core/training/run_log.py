"""What a training writes down on its way: `log.csv` and TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from apanet_core.training.run_folder import append_log, forget_after
from apanet_core.training.validation import Validated

SCALARS_EVERY = 20
"""Steps between the scalars of the training itself."""


class RunLog:
    """The log of one run, from a step on; what an earlier start logged after it is dropped.

    Args:
        folder: the run folder; TensorBoard's files go to `tensorboard/` in it.
        step: the step that the run starts or goes on from.
    """

    def __init__(self, folder: Path, step: int) -> None:
        forget_after(folder, step)
        self._folder = folder
        self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)

    def training(self, step: int, scalars: Mapping[str, float]) -> None:
        """Log the losses, learning rate and gradient norm of a step, now and then."""
        if step % SCALARS_EVERY == 0:
            for name, value in scalars.items():
                self._writer.add_scalar(f"train/{name}", value, step)

    def validation(self, step: int, loss: float, validated: Validated) -> None:
        """Log a validation with its picture, and make all that was logged visible."""
        append_log(self._folder, {"step": step, "loss": loss, **validated.figures})
        for name, value in validated.figures.items():
            self._writer.add_scalar(f"validation/{name}", value, step)
        self._writer.add_image(
            "validation/rainy, derained, clean", validated.picture, step, dataformats="HWC"
        )
        self._writer.flush()

    def close(self) -> None:
        """Write what is still in memory."""
        self._writer.close()
