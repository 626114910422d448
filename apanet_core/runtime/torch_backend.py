"""Inference with torch, on a CPU or a CUDA device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from apanet_core.imaging.tiling import Tiling, derain_tiled
from apanet_core.imaging.types import ByteImage
from apanet_core.network.apanet import APANet
from apanet_core.runtime.backend import Mark, unmarked


class TorchBackend:
    """Run an APANet on the device that holds its weights.

    Args:
        model: the network.
        tiling: how to cut the pictures; `None` derains them whole.
    """

    def __init__(self, model: APANet, tiling: Tiling | None = None) -> None:
        self._model = model
        self._tiling = tiling
        self._device = next(model.parameters()).device
        self.device = str(self._device)
        self.multiple = model.config.multiple
        parameters = sum(parameter.numel() for parameter in model.parameters())
        cut = f", tiles of {tiling.tile} px" if tiling is not None else ""
        self.description = f"{parameters / 1e6:.2f} M parameters, torch {torch.__version__}{cut}"

    @torch.inference_mode()
    def derain(
        self, left: ByteImage, right: ByteImage, mark: Mark = unmarked
    ) -> tuple[ByteImage, ByteImage]:
        """Derain uint8 RGB `[H,W,3]` views of at least 16 x 16 pixels; see `Backend.derain`."""
        views = self._to_float(left), self._to_float(right)
        mark("upload")
        if self._tiling is None:
            outputs = self._model(*views)
        else:
            outputs = derain_tiled(self._model, *views, self._tiling)
        mark("network")
        left, right = (self._to_bytes(output) for output in outputs)
        mark("download")
        return left, right

    def _to_float(self, image: ByteImage) -> Tensor:
        # The bytes travel; they become floats where the arithmetic is fast. Torch takes no array
        # that runs backwards, as a BGR picture seen as RGB does.
        pixels = torch.tensor(np.ascontiguousarray(image), device=self._device)
        return pixels.permute(2, 0, 1)[None].float().div_(255)

    @staticmethod
    def _to_bytes(image: Tensor) -> ByteImage:
        pixels = image[0].clamp(0, 1).mul(255).round_().to(torch.uint8)
        return np.asarray(pixels.permute(1, 2, 0).contiguous().cpu().numpy(), np.uint8)
