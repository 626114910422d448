"""The network computed as the released code does, which is what we are measured against.

Every score of parallax attention is stored, as a `W x W` matrix per row, masked and normalised in
both directions; nothing is fused, skipped or laid out for speed. In eager float32 it gives the same
numbers as `APANet`.
"""

from __future__ import annotations

import copy
import math
from typing import cast

import torch
from torch import Tensor, nn

from apanet_core.network.apam import ParallaxAttentionModule
from apanet_core.network.apanet import APANet
from apanet_core.network.blocks import BasicBlock


def in_released_formulation(model: APANet) -> APANet:
    """Return a copy of a network that stores the scores of parallax attention.

    Args:
        model: the network; it is left as it is. Weights are shared with the copy.
    """
    shared: dict[int, object] = {id(weight): weight for weight in model.parameters()}
    plain = copy.deepcopy(model, shared)
    for block in plain.modules():
        if not isinstance(block, BasicBlock):
            continue
        block.may_cut, block.eam.attention_negligible = False, False
        if block.apam is not None:
            block.apam = cast("ParallaxAttentionModule", StoredScores(block.apam))
    return plain


class StoredScores(nn.Module):
    """APAM on a pair of `[B,C,H,W]` features, with its scores in memory."""

    def __init__(self, apam: ParallaxAttentionModule) -> None:
        super().__init__()
        self.apam = apam

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the fused module returns."""
        apam = self.apam
        query, key = apam.left_score(apam.left_norm(left)), apam.right_score(apam.right_norm(right))
        values = apam.left_value(left), apam.right_value(right)
        query, key, left_value, right_value = map(_rows, (query, key, *values))
        scores = query @ key.transpose(-1, -2) / math.sqrt(left.shape[1])
        if apam.masked:
            hidden = torch.ones_like(scores, dtype=torch.bool).triu(1)
            scores = scores.masked_fill(hidden, -torch.inf)
        from_right = scores.softmax(dim=-1) @ right_value
        from_left = scores.transpose(-1, -2).softmax(dim=-1) @ left_value
        return (
            left + apam.beta * from_right.permute(0, 3, 1, 2),
            right + apam.gamma * from_left.permute(0, 3, 1, 2),
        )


def _rows(features: Tensor) -> Tensor:
    """Return `[B,C,H,W]` as `[B,H,W,C]`."""
    return features.permute(0, 2, 3, 1)
