"""Inference with torch, on a CPU or a CUDA device."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from apanet_core.imaging.tiling import Tiling, derain_tiled
from apanet_core.imaging.types import AnyPicture
from apanet_core.network.apanet import APANet, veiled_views
from apanet_core.runtime.acceleration import accelerated
from apanet_core.runtime.backend import Mark, unmarked
from apanet_core.runtime.devices import resolve_precision
from apanet_core.runtime.forked import settle_after_fork
from apanet_core.runtime.memory_estimate import working_bytes
from apanet_core.runtime.options import RuntimeOptions, usable_threads
from apanet_core.runtime.staging import Staging


class TorchBackend:
    """Run an APANet on the device that holds its weights.

    Args:
        model: the network.
        options: how to run it; the device is the model's.

    Raises:
        BackendError: the device does not compute in the precision.
    """

    def __init__(self, model: APANet, options: RuntimeOptions | None = None) -> None:
        options = options if options is not None else RuntimeOptions()
        self._tiling = tiling = Tiling() if options.tiled else None
        self._device = next(model.parameters()).device
        self.device = str(self._device)
        self.multiple = model.config.multiple
        self.separates_veil = model.config.haze
        precision = resolve_precision(options.precision, self.device)
        self._type = getattr(torch, precision)
        self._model = model
        if not settle_after_fork(self.device):
            _limit_threads(options.threads)
        self._staging = Staging(self._device)
        self._derain_tensors = accelerated(self._derain, options.acceleration, self._device)
        self._derain_parts = accelerated(self._parts, options.acceleration, self._device)
        parameters = sum(parameter.numel() for parameter in model.parameters())
        cut = f", tiles of {tiling.tile} px" if tiling is not None else ""
        self.description = (
            f"{parameters / 1e6:.2f} M parameters, torch {torch.__version__}, {precision}{cut}"
        )

    @torch.inference_mode()
    def derain(
        self,
        left: AnyPicture,
        right: AnyPicture,
        mark: Mark = unmarked,
        veil_removal: float = 1.0,
    ) -> tuple[AnyPicture, AnyPicture]:
        """Derain RGB `[H,W,3]` views of at least 16 x 16 pixels; see `Backend.derain`."""
        settle_after_fork(self.device)
        views = self._staging.upload(left, right)
        mark("upload")
        derain = self._derain_tensors
        if veil_removal != 1:
            derain = partial(self._keep_veil, veil_removal)
        outputs: Sequence[Tensor]
        if self._tiling is None:
            outputs = derain(*views)
        else:
            outputs = derain_tiled(derain, *views, self._tiling)
        mark("network")
        left, right = self._staging.download(outputs)
        mark("download")
        return left, right

    def working_bytes(self, height: int, width: int) -> int:
        """Estimate the memory that a pair of this size adds on the device."""
        strips = self._device.type == "cpu" and self._type is torch.float32
        if self._tiling is not None:
            height, width = (min(side, self._tiling.tile) for side in (height, width))
        return working_bytes(self._model.config, height, width, strips, self._type.itemsize)

    def _derain(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Compute in the precision; rain is the small part, so it is taken off in float32."""
        with torch.autocast(self._device.type, self._type, self._type is not torch.float32):
            derained: tuple[Tensor, Tensor] = self._model(left, right)
        return derained

    def _parts(self, left: Tensor, right: Tensor) -> tuple[Tensor, ...]:
        """Return both views with their veil, and both without."""
        with torch.autocast(self._device.type, self._type, self._type is not torch.float32):
            found = self._model.analyse(left, right)
            return *veiled_views((left, right), found), *found.clean

    def _keep_veil(self, veil_removal: float, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        # Outside of what is recorded on a GPU, for it may change from pair to pair.
        veiled_left, veiled_right, left, right = self._derain_parts(left, right)
        return (
            torch.lerp(veiled_left, left, veil_removal),
            torch.lerp(veiled_right, right, veil_removal),
        )


def _limit_threads(wanted: int) -> None:
    if threads := usable_threads(wanted):
        torch.set_num_threads(threads if wanted else min(threads, torch.get_num_threads()))
