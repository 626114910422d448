"""Multiply-accumulate operations and parameters of a network, counted without computing."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from apanet_core.network.apanet import APANet
from apanet_core.network.config import ApanetConfig


class Complexity(NamedTuple):
    """Work for one pair.

    Attributes:
        parameters: of the network.
        macs: multiply-accumulate operations of convolutions, projections and attention. Of causal
            attention only the half under the mask counts, as a fused kernel computes it; of banded
            attention all that its blocks compute.
        macs_stored: the same without that: whole rows are attended to, as the released code does.
    """

    parameters: int
    macs: int
    macs_stored: int


def complexity(config: ApanetConfig, height: int, width: int) -> Complexity:
    """Count for a pair of `height` x `width` pixels, padded as the network pads it."""
    with torch.device("meta"):
        model = APANet(config).eval()
        view = torch.empty(1, 3, height, width)
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            model(view, view)
    # On the meta device attention is two batched products; nothing else is.
    counts = counter.get_flop_counts()["Global"]
    attention = counts.get(torch.ops.aten.bmm, 0) // 2
    stored = counter.get_total_flops() // 2
    causal = config.parallax_mask and not config.max_disparity
    seen = attention // 2 if causal else attention
    return Complexity(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        macs=stored - attention + seen,
        macs_stored=stored,
    )
