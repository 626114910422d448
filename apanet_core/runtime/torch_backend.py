"""Inference with torch, on a CPU or a CUDA device."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from apanet_core.imaging.tiling import Tiling, derain_tiled
from apanet_core.imaging.types import ByteImage
from apanet_core.network.apanet import APANet
from apanet_core.runtime.backend import Mark, unmarked
from apanet_core.runtime.devices import resolve_precision
from apanet_core.runtime.options import RuntimeOptions


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
        precision = resolve_precision(options.precision, self.device)
        self._type = getattr(torch, precision)
        self._model = model
        if options.threads:
            torch.set_num_threads(options.threads)
        parameters = sum(parameter.numel() for parameter in model.parameters())
        cut = f", tiles of {tiling.tile} px" if tiling is not None else ""
        self.description = (
            f"{parameters / 1e6:.2f} M parameters, torch {torch.__version__}, {precision}{cut}"
        )

    @torch.inference_mode()
    def derain(
        self, left: ByteImage, right: ByteImage, mark: Mark = unmarked
    ) -> tuple[ByteImage, ByteImage]:
        """Derain uint8 RGB `[H,W,3]` views of at least 16 x 16 pixels; see `Backend.derain`."""
        views = self._to_float(left), self._to_float(right)
        mark("upload")
        outputs: Sequence[Tensor]
        if self._tiling is None:
            outputs = self._derain(*views)
        else:
            outputs = derain_tiled(self._derain, *views, self._tiling)
        mark("network")
        left, right = (self._to_bytes(output) for output in outputs)
        mark("download")
        return left, right

    def _derain(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Compute in the precision; rain is the small part, so it is taken off in float32."""
        with torch.autocast(self._device.type, self._type, self._type is not torch.float32):
            derained: tuple[Tensor, Tensor] = self._model(left, right)
        return derained

    def _to_float(self, image: ByteImage) -> Tensor:
        # The bytes travel; they become floats where the arithmetic is fast. Torch takes no array
        # that runs backwards, as a BGR picture seen as RGB does.
        pixels = torch.tensor(np.ascontiguousarray(image), device=self._device)
        return pixels.permute(2, 0, 1)[None].float().div_(255)

    @staticmethod
    def _to_bytes(image: Tensor) -> ByteImage:
        pixels = image[0].clamp(0, 1).mul(255).round_().to(torch.uint8)
        return np.asarray(pixels.permute(1, 2, 0).contiguous().cpu().numpy(), np.uint8)
