"""EAM, the external attention module: what one view does for itself."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from apanet_core.network.layer_norm import ChannelLayerNorm


def external_attention(tokens: Tensor, keys: Tensor, values: Tensor, eps: float) -> Tensor:
    """Attend from tokens to a small learned memory, normalised twice.

    Args:
        tokens: `[B,N,C]`.
        keys: memory keys `Mk`, `[S,C]`.
        values: memory values `Mv`, `[C,S]`.
        eps: added to each token's sum over the memory.

    Returns:
        `[B,N,C]`.
    """
    # The first softmax runs over all N tokens, not over the memory: each memory slot spreads one
    # unit of attention over the image, and the second step shares a token among its slots.
    attention = F.linear(tokens, keys).softmax(dim=1)
    attention = attention / (eps + attention.sum(dim=2, keepdim=True))
    return F.linear(attention, values)


class ExternalAttention(nn.Module):
    """External attention over all pixels of `[B,C,H,W]`."""

    def __init__(self, channels: int, memory_size: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.memory_key = nn.Linear(channels, memory_size, bias=False)
        self.memory_value = nn.Linear(memory_size, channels, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        batch, channels, height, width = features.shape
        tokens = features.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        out = external_attention(tokens, self.memory_key.weight, self.memory_value.weight, self.eps)
        return out.reshape(batch, height, width, channels).permute(0, 3, 1, 2)


class GatedFeedForward(nn.Module):
    """GFFN: one half of the expanded, depthwise-filtered channels gates the other."""

    def __init__(self, channels: int, expansion: int) -> None:
        super().__init__()
        hidden = channels * expansion
        self.project_in = nn.Conv2d(channels, hidden, 1)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.project_out = nn.Conv2d(hidden // 2, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        gate, value = self.depthwise(self.project_in(features)).chunk(2, dim=1)
        out: Tensor = self.project_out(F.gelu(gate) * value)
        return out


class ExternalAttentionModule(nn.Module):
    """EAM: `x += beta * EA(LN(x)); x += gamma * GFFN(LN(x))` on `[B,C,H,W]`."""

    def __init__(self, channels: int, memory_size: int, ffn_expansion: int, eps: float) -> None:
        super().__init__()
        self.attention_norm = ChannelLayerNorm(channels, eps=1e-5)
        self.attention = ExternalAttention(channels, memory_size, eps)
        self.feed_forward_norm = ChannelLayerNorm(channels, eps=1e-5)
        self.feed_forward = GatedFeedForward(channels, ffn_expansion)
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        features = features + self.beta * self.attention(self.attention_norm(features))
        gated: Tensor = self.feed_forward(self.feed_forward_norm(features))
        return features + self.gamma * gated
