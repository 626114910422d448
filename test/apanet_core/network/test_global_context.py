"""What a veil takes: both views are told alike, and a block's stretch reaches its pixels."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.config import ApanetConfig
from apanet_core.network.veil import SceneContext, Stretch

CONFIG = ApanetConfig(
    width=8, blocks=(1, 1), memory_size=(4, 4), parallax=(False, True), stem_fold=2, veil=True
)


@pytest.fixture
def context() -> SceneContext:
    torch.manual_seed(3)
    context = SceneContext(8, [6])
    for parameter in context.tell.parameters():
        torch.nn.init.normal_(parameter)
    return context


def test_a_scene_is_summed_up_whatever_its_size_and_whichever_view_comes_first(context) -> None:
    left, right = torch.rand(2, 3, 8, 4, 6)

    summary = context.summary(left, right)

    assert summary.shape == (3, 8)
    torch.testing.assert_close(context.summary(right, left), summary)
    twice = [view.repeat(1, 1, 2, 3) for view in (left, right)]
    torch.testing.assert_close(context.summary(*twice), summary)


def test_each_pair_of_a_batch_is_summed_up_for_itself(context) -> None:
    left, right = torch.rand(2, 3, 8, 4, 6)

    alone = torch.cat([context.summary(left[n : n + 1], right[n : n + 1]) for n in range(3)])

    torch.testing.assert_close(context.summary(left, right), alone)


def test_channels_are_scaled_and_shifted_by_what_was_summed_up(context) -> None:
    summary, features = torch.rand(2, 8), torch.rand(2, 6, 3, 5)
    scale, shift = context.tell[0](summary).chunk(2, dim=1)

    told = context.told(0, summary, features)

    expected = features[1, 4, 2, 3] * (1 + scale[1, 4]) + shift[1, 4]
    torch.testing.assert_close(told[1, 4, 2, 3], expected)


def test_a_constant_stretch_multiplies_the_image() -> None:
    stretch = Stretch(4, 2)
    stretch.predict.bias.data = torch.tensor([0.5, 0.0, -0.25])
    image = torch.rand(1, 3, 6, 8)

    added = stretch(image, torch.rand(1, 4, 3, 4))

    torch.testing.assert_close(added, image * torch.tensor([0.5, 0.0, -0.25])[:, None, None])


def test_a_network_with_it_derains_any_size_and_all_of_it_learns(make_network) -> None:
    model = make_network(CONFIG)

    left, right = model(*torch.rand(2, 1, 3, 18, 21))

    assert left.shape == right.shape == (1, 3, 18, 21)
    (left.square().sum() + right.sum()).backward()
    for part in (model.context, model.stretch):
        assert all(parameter.grad.abs().max() > 0 for parameter in part.parameters())


def test_what_is_far_away_in_the_picture_counts(make_network) -> None:
    model = make_network(CONFIG)
    views = torch.rand(2, 1, 3, 16, 256)
    brighter = views.clone()
    brighter[..., 200:] += 0.5

    with torch.no_grad():
        changed = model(*brighter)[0] - model(*views)[0]

    assert changed[..., :40].abs().max() > 1e-5
