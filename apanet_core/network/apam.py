"""APAM, the asymmetrical parallax attention module: what each view learns from the other.

Rows are epipolar lines (the pair is rectified), and left column `i` shows what right column
`i - d` shows, with disparity `d >= 0`. So a left pixel looks only to the right view's columns
`j <= i`, and a right pixel only to the left view's columns `i >= j`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from apanet_core.network.banded_attention import banded_attention
from apanet_core.network.initialisation import be_zero
from apanet_core.network.layer_norm import ChannelLayerNorm


def parallax_attention(
    query: Tensor, key: Tensor, value: Tensor, masked: bool = True, reach: int = 0
) -> Tensor:
    """Attend along each row to the columns at or left of the query's own.

    The parallax mask of the left view is exactly the causal mask, so a fused causal kernel
    computes it without storing the `W x W` scores.

    Args:
        query, key, value: `[B,C,H,W]`.
        masked: `False` lifts the parallax mask: every column of the row is looked at.
        reach: columns that are looked back at most; 0 for all.

    Returns:
        `[B,C,H,W]`, scores scaled by `1 / sqrt(C)`.
    """
    # Rows take the place of attention heads: [B, H, W, C]. Only contiguous ones reach the fused
    # kernel; features in channels-last layout are that already.
    query, key, value = (tensor.permute(0, 2, 3, 1).contiguous() for tensor in (query, key, value))
    if reach:
        attended = banded_attention(query, key, value, reach)
    else:
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=masked)
    return attended.permute(0, 3, 1, 2)


def mirrored(features: Tensor) -> Tensor:
    """Flip `[B,C,H,W]` along `W`, which turns "at or right of" into "at or left of"."""
    return features.flip(-1)


class ParallaxAttentionModule(nn.Module):
    """APAM on a rectified pair of `[B,C,H,W]` features.

    `left += beta * attend(left -> right)` and `right += gamma * attend(right -> left)`, both from
    the same scores between the normalised views, each under the parallax mask.

    Args:
        channels: of the features.
        masked, reach: as `parallax_attention` takes them.
        gated: whether what is attended to is weighed at every pixel, 0 to 2, by how it goes with
            the view's own features; 1 until it is trained.
    """

    def __init__(
        self, channels: int, masked: bool = True, reach: int = 0, gated: bool = False
    ) -> None:
        super().__init__()
        self.masked = masked
        self.reach = reach
        self.left_norm = ChannelLayerNorm(channels, eps=1e-6)
        self.right_norm = ChannelLayerNorm(channels, eps=1e-6)
        self.left_score = nn.Conv2d(channels, channels, 1)
        self.right_score = nn.Conv2d(channels, channels, 1)
        self.left_value = nn.Conv2d(channels, channels, 1)
        self.right_value = nn.Conv2d(channels, channels, 1)
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.gate = nn.Conv2d(2 * channels, 1, 1) if gated else None
        if self.gate is not None:
            be_zero(self.gate)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        query = self.left_score(self.left_norm(left))
        key = self.right_score(self.right_norm(right))
        from_right = self._attend(query, key, self.right_value(right))
        mirror_images = (mirrored(view) for view in (key, query, self.left_value(left)))
        from_left = mirrored(self._attend(*mirror_images))
        return (
            left + self.beta * self._gated(left, from_right),
            right + self.gamma * self._gated(right, from_left),
        )

    def _gated(self, own: Tensor, attended: Tensor) -> Tensor:
        """Return what was attended to, weighed by how it goes with the view's own features."""
        if self.gate is None:
            return attended
        return attended * (2 * torch.sigmoid(self.gate(torch.cat([own, attended], dim=1))))

    def _attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return parallax_attention(query, key, value, self.masked, self.reach)
