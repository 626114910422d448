"""EAM, the external attention module: what one view does for itself."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from apanet_core.network.layer_norm import ChannelLayerNorm

NEGLIGIBLE = 2.0**-24
"""Half the distance from 1 to the next float32: what is added below that leaves no trace there."""


def external_attention(
    tokens: Tensor, keys: Tensor, values: Tensor, eps: float, total: Tensor | None = None
) -> Tensor:
    """Attend from tokens to a small learned memory, normalised twice.

    Args:
        tokens: `[B,N,C]`.
        keys: memory keys `Mk`, `[S,C]`.
        values: memory values `Mv`, `[C,S]`.
        eps: added to each token's sum over the memory.
        total: what `memory_total` says of all tokens of the image, where these are some of them.

    Returns:
        `[B,N,C]`.
    """
    # The first softmax runs over all N tokens, not over the memory: each memory slot spreads one
    # unit of attention over the image, and the second step shares a token among its slots.
    scores = _scores(tokens, keys)
    attention = scores.softmax(dim=2) if total is None else (scores - total).exp()
    attention = attention / (eps + attention.sum(dim=1, keepdim=True))
    return F.linear(attention.mT.to(tokens.dtype), values)


def memory_total(tokens: Tensor, keys: Tensor) -> Tensor:
    """Return `[B,S,1]`: the logarithm of what the softmax over all tokens divides by."""
    return _scores(tokens, keys).logsumexp(dim=2, keepdim=True)


def _scores(tokens: Tensor, keys: Tensor) -> Tensor:
    """Return `[B,S,N]`; tokens are last since a GPU is quick with a softmax over contiguous ones.

    In float32 at least: a pixel's part in an image is too small for half of it.
    """
    scores = keys @ tokens.mT
    return scores.float() if scores.dtype.itemsize < 4 else scores


class ExternalAttention(nn.Module):
    """External attention over all pixels of `[B,C,H,W]`."""

    def __init__(self, channels: int, memory_size: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.memory_key = nn.Linear(channels, memory_size, bias=False)
        self.memory_value = nn.Linear(memory_size, channels, bias=False)

    def forward(self, features: Tensor, total: Tensor | None = None) -> Tensor:
        batch, channels, height, width = features.shape
        keys, values = self.memory_key.weight, self.memory_value.weight
        out = external_attention(_tokens(features), keys, values, self.eps, total)
        return out.reshape(batch, height, width, channels).permute(0, 3, 1, 2)

    def total(self, features: Tensor) -> Tensor:
        """Return `memory_total` of these features."""
        return memory_total(_tokens(features), self.memory_key.weight)

    def bound(self) -> Tensor:
        """Return `[C]`: what no output exceeds in size, whatever the features.

        Attention is at most 1, so a slot adds at most its value over `eps`, and all slots together
        at most the largest value.
        """
        values = self.memory_value.weight.abs()
        return torch.minimum(values.sum(dim=1) / self.eps, values.amax(dim=1))


def _tokens(features: Tensor) -> Tensor:
    """Return `[B,C,H,W]` as `[B,H*W,C]`."""
    return features.permute(0, 2, 3, 1).flatten(1, 2)


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
        self.attention_negligible = False

    def forward(self, features: Tensor, total: Tensor | None = None) -> Tensor:
        """Return features of the same shape.

        Args:
            features: `[B,C,H,W]`.
            total: as `total` returns it for the whole image, where these are some of its rows.
        """
        if not self.attention_negligible:
            attended = self.attention(self.attention_norm(features), total)
            features = features + self.beta * attended
        gated: Tensor = self.feed_forward(self.feed_forward_norm(features))
        return features + self.gamma * gated

    def total(self, features: Tensor) -> Tensor:
        """Return `[B,S,1]`, what external attention needs to know of all pixels."""
        return self.attention.total(self.attention_norm(features))

    def skip_negligible_attention(self) -> bool:
        """From now on leave external attention out, if it adds less than numbers near 1 resolve.

        With the paper's released weights, whose epsilon is 1e9, it does. Returns whether so; the
        weights must not change afterwards.
        """
        added = (self.beta.flatten().abs() * self.attention.bound()).max()
        self.attention_negligible = bool(added <= NEGLIGIBLE)
        return self.attention_negligible
