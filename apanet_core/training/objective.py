"""All that the optimizer lowers: the network and its losses as one module, for DDP to wrap."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from apanet_core.data.sample import RealSample, Sample
from apanet_core.errors import ConfigError
from apanet_core.losses.consistency import consistency_loss
from apanet_core.losses.known_error import known_error
from apanet_core.losses.psnr import psnr_loss
from apanet_core.losses.ssim import ssim_loss
from apanet_core.network.apanet import APANet
from apanet_core.network.haze import brightness
from apanet_core.training.distillation import LargeModelLoss, RealRainLoss
from apanet_core.training.recipe import LossRecipe

PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}

Terms = dict[str, Tensor]
"""Named, weighted losses; their sum is what is lowered."""


class Objective(nn.Module):
    """The weighted losses of a batch.

    Args:
        model: the network that is trained.
        weights: of the supervised losses.
        precision: of the network's arithmetic: a key of `PRECISIONS`. Losses stay float32.
            float16 needs a model on CUDA.
        real_rain: losses on unpaired real rain, or `None`.
        large_model: distance from a larger network, or `None`.

    Raises:
        ConfigError: the model's device does not compute with this precision.
    """

    def __init__(
        self,
        model: APANet,
        weights: LossRecipe,
        precision: str = "float32",
        real_rain: RealRainLoss | None = None,
        large_model: LargeModelLoss | None = None,
    ) -> None:
        super().__init__()
        device = next(model.parameters()).device.type
        if precision == "float16" and device != "cuda":
            raise ConfigError(
                f"optimizer.precision is float16, which needs CUDA and not {device}: choose "
                "bfloat16 or float32."
            )
        self.model = model
        self.real_rain = real_rain
        self.large_model = large_model
        self._weights = weights
        self._dtype = PRECISIONS[precision]

    def forward(self, sample: Sample, real: RealSample | None = None) -> Terms:
        """Return the losses of rendered (and real) rain."""
        with self._autocast(sample.rainy_left):
            found = self.model.analyse(sample.rainy_left, sample.rainy_right)
        (left, right), taps = (view.float() for view in found.clean), found.taps.float()
        terms = supervised_losses(left, right, sample, self._weights)
        if self._weights.hazy:
            hazy = torch.cat([view.float() for view in found.hazy])
            wanted = torch.cat([sample.hazy_left, sample.hazy_right])
            terms["hazy"] = self._weights.hazy * known_error(hazy, wanted)
        if self.large_model is not None:
            terms |= self.large_model(sample.rainy_left, sample.rainy_right, left, right, taps)
        if self.real_rain is not None and real is not None:
            with self._autocast(real.rainy_left):
                derained = self.model(*real)
            terms |= self.real_rain(*real, *(view.float() for view in derained))
        return terms

    def _autocast(self, image: Tensor) -> torch.autocast:
        enabled = self._dtype != torch.float32
        return torch.autocast(image.device.type, dtype=self._dtype, enabled=enabled)


def supervised_losses(left: Tensor, right: Tensor, sample: Sample, weights: LossRecipe) -> Terms:
    """Return the weighted losses of both views against the clean ones, by name.

    Args:
        left, right: float32 `[B,3,H,W]` derained views.
        sample: the batch, of which the clean views and the disparity are used.
        weights: of the losses; one of weight 0 is left out.
    """
    output = torch.cat([left, right])
    target = torch.cat([sample.clean_left, sample.clean_right])
    terms: Terms = {}
    if weights.ssim:
        terms["ssim"] = weights.ssim * ssim_loss(output, target)
    if weights.l1:
        terms["l1"] = weights.l1 * (output - target).abs().mean()
    if weights.psnr:
        terms["psnr"] = weights.psnr * psnr_loss(output, target)
    if weights.brightness:
        error = brightness(output - target).abs().mean()
        terms["brightness"] = weights.brightness * error
    if weights.drops:
        on_lens = torch.cat([sample.drops_left, sample.drops_right])
        terms["drops"] = weights.drops * ((output - target).abs() * on_lens).mean()
    if weights.consistency:
        errors = (left - sample.clean_left, right - sample.clean_right)
        terms["consistency"] = weights.consistency * consistency_loss(*errors, sample.disparity)
    return terms
