from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.apam import ParallaxAttentionModule
from apanet_core.network.blocks import BasicBlock, Downsample, Level, Upsample
from apanet_core.network.config import ApanetConfig

CONFIG = ApanetConfig(width=4, blocks=(1, 3), memory_size=(4, 8), parallax=(False, True))


def awaken(module: torch.nn.Module) -> None:
    for name, parameter in module.named_parameters():
        if name.endswith(("beta", "gamma")):
            torch.nn.init.normal_(parameter)


@pytest.mark.parametrize("level", [0, 1])
def test_a_block_is_the_identity_at_initialisation(level: int) -> None:
    left, right = torch.randn(2, 2, 4, 5, 6)

    found = BasicBlock(4, level, CONFIG)(left, right)

    assert torch.equal(found[0], left)
    assert torch.equal(found[1], right)


def test_a_block_attends_within_each_view_then_across() -> None:
    block = BasicBlock(4, 1, CONFIG)
    awaken(block)
    left, right = torch.randn(2, 2, 4, 5, 6)

    found = block(left, right)

    expected = block.apam(block.eam(left), block.eam(right))
    torch.testing.assert_close(found, expected)
    assert not torch.allclose(found[0], block.eam(left))


def test_a_level_without_parallax_keeps_the_views_apart() -> None:
    block = BasicBlock(4, 0, CONFIG)
    awaken(block)
    view, other, another = torch.randn(3, 1, 4, 5, 6)

    torch.testing.assert_close(block(view, other)[0], block(view, another)[0])
    torch.testing.assert_close(block(view, other)[0], block(other, view)[1])


def test_a_level_has_its_own_settings() -> None:
    level = Level(8, 1, CONFIG)

    assert len(level) == 3
    assert [block.eam.attention.memory_key.out_features for block in level] == [8, 8, 8]
    assert all(isinstance(block.apam, ParallaxAttentionModule) for block in level)
    narrow = dataclasses.replace(CONFIG, ffn_expansion=4)
    assert Level(8, 0, narrow)[0].eam.feed_forward.project_in.out_channels == 32


def test_downsample_folds_two_by_two_pixels_into_channels() -> None:
    down = Downsample(4)
    with torch.no_grad():
        down[0].weight.zero_()
        down[0].weight[0, 0, 1, 1] = down[0].weight[1, 3, 1, 1] = 1.0
    features = torch.arange(4 * 16.0).reshape(1, 4, 4, 4)

    found = down(features)

    assert found.shape == (1, 8, 2, 2)
    assert found[0, :, 0, 0].tolist() == [0, 1, 4, 5, 48, 49, 52, 53]


def test_upsample_unfolds_channels_into_two_by_two_pixels() -> None:
    up = Upsample(4)
    with torch.no_grad():
        up[0].weight.zero_()
        for channel in range(4):
            up[0].weight[channel, channel, 1, 1] = 1.0
    features = torch.arange(4 * 4.0).reshape(1, 4, 2, 2)

    found = up(features)

    assert found.shape == (1, 2, 4, 4)
    assert found[0, 0, :2, :2].tolist() == [[0, 4], [8, 12]]
    assert found[0, 1].count_nonzero() == 0


@pytest.mark.parametrize("change", [Downsample, Upsample])
def test_changes_of_resolution_have_no_bias(change: type[torch.nn.Module]) -> None:
    assert change(8)(torch.zeros(1, 8, 4, 4)).count_nonzero() == 0
