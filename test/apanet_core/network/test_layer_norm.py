from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.layer_norm import ChannelLayerNorm


def test_by_hand() -> None:
    norm = ChannelLayerNorm(2, eps=3.0)
    norm.weight.data = torch.tensor([2.0, 4.0])
    norm.bias.data = torch.tensor([10.0, 20.0])
    pixel = torch.tensor([1.0, 3.0]).reshape(1, 2, 1, 1)

    # Mean 2, biased variance 1, so the pixel becomes -1 and 1 over sqrt(1 + 3).
    assert norm(pixel).flatten().tolist() == pytest.approx([9.0, 22.0])


def test_pixels_do_not_see_each_other() -> None:
    features = torch.randn(2, 4, 3, 5)
    changed = features.clone()
    changed[..., 0, 0] += torch.randn(2, 4)

    difference = ChannelLayerNorm(4, eps=1e-5)(changed) - ChannelLayerNorm(4, eps=1e-5)(features)

    assert difference[..., 0, 0].abs().min() > 0
    assert difference.abs().sum(1).count_nonzero() == 2


def test_gradient() -> None:
    norm = ChannelLayerNorm(3, eps=1e-5).double()
    features = torch.randn(1, 3, 2, 2, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(norm, (features,))
