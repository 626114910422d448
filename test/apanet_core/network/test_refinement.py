"""The second look at each derained view: all of it learns, and it looks at what is near."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from apanet_core.network.config import ApanetConfig
from apanet_core.network.refinement import CHANNELS, Refinement


def small(stem_fold: int) -> ApanetConfig:
    return ApanetConfig(
        width=8,
        blocks=(1, 1),
        memory_size=(4, 4),
        parallax=(False, False),
        stem_fold=stem_fold,
        refinement=2,
    )


@pytest.fixture
def trained() -> Refinement:
    torch.manual_seed(4)
    refinement = Refinement(16, stem_fold=4, blocks=2)
    for convolution in (refinement.end, *(block.second for block in refinement.blocks)):
        nn.init.normal_(convolution.weight, std=0.1)
    return refinement


@pytest.mark.parametrize("stem_fold", [1, 2, 4])
def test_it_corrects_views_of_any_size_and_all_of_it_learns(make_network, stem_fold) -> None:
    model = make_network(small(stem_fold))
    for convolution in (model.refinement.end, *(b.second for b in model.refinement.blocks)):
        nn.init.normal_(convolution.weight)

    left, right = model(*torch.rand(2, 1, 3, 18, 21))

    assert left.shape == right.shape == (1, 3, 18, 21)
    (left.square().sum() + right.sum()).backward()
    assert all(p.grad.abs().max() > 0 for p in model.refinement.parameters())


def test_one_pixel_of_rain_left_changes_what_lies_around_it_alone(trained) -> None:
    rainy, derained = torch.rand(2, 1, 3, 48, 64)
    features = torch.rand(1, 16, 12, 16)
    streak = derained.clone()
    streak[0, :, 24, 32] += 0.5

    with torch.no_grad():
        changed = trained(rainy, streak, features) - trained(rainy, derained, features)

    rows, columns = changed.abs().amax(dim=(0, 1)).nonzero().unbind(1)
    # 3 x 3 filters, of 2 x 2 pixels each: two, and two per block.
    reach = 2 * (2 + 2 * 2) + 1
    assert changed[0, :, 24, 32].abs().max() > 0
    assert (rows - 24).abs().max() <= reach
    assert (columns - 32).abs().max() <= reach


def test_it_costs_two_filters_a_block_at_half_the_resolution(trained) -> None:
    more = Refinement(16, stem_fold=4, blocks=3)

    added = sum(p.numel() for p in more.parameters()) - sum(p.numel() for p in trained.parameters())

    assert added == 2 * (9 * CHANNELS**2 + CHANNELS)
    assert trained.fold.downscale_factor == trained.unfold.upscale_factor == 2
