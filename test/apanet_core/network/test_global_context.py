"""A summary of each view conditions features, and a view that disagrees does not count."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.config import ApanetConfig
from apanet_core.network.global_context import GlobalContext

CONFIG = ApanetConfig(
    width=8, blocks=(1, 1), memory_size=(4, 4), parallax=(False, True), stem_fold=2, haze=True
)


@pytest.fixture
def context() -> GlobalContext:
    torch.manual_seed(3)
    context = GlobalContext(8, [6])
    for parameter in context.film.parameters():
        torch.nn.init.normal_(parameter)
    return context


def test_a_scene_is_summarised_whatever_its_size_and_whichever_view_comes_first(context) -> None:
    left, right = torch.rand(2, 3, 8, 4, 6)

    of_left, of_right = context.summaries(left, right)

    assert of_left.shape == of_right.shape == (3, 8)
    torch.testing.assert_close(context.summaries(right, left), (of_right, of_left))
    twice = [view.repeat(1, 1, 2, 3) for view in (left, right)]
    torch.testing.assert_close(context.summaries(*twice), (of_left, of_right))


def test_views_of_one_distribution_are_summarised_as_their_pixels_together(context) -> None:
    view = torch.rand(2, 8, 4, 6)
    moved = view.roll(2, dims=3)

    alone, _ = context.summaries(view, view)
    of_left, of_right = context.summaries(view, moved)

    torch.testing.assert_close(of_left, alone)
    torch.testing.assert_close(of_right, alone)


def test_a_view_that_disagrees_does_not_count(context) -> None:
    view = torch.rand(1, 8, 12, 16)
    dead = torch.full_like(view, 40.0)

    alone, _ = context.summaries(view, view)
    beside_dead, of_dead = context.summaries(view, dead)
    beside_near, _ = context.summaries(view, view + 0.01)

    torch.testing.assert_close(beside_dead, alone, rtol=0, atol=1e-3)
    assert (of_dead - alone).abs().max() > 0.1
    assert (beside_near - alone).abs().max() > 1e-5


def test_each_pair_of_a_batch_is_summarised_for_itself(context) -> None:
    left, right = torch.rand(2, 3, 8, 4, 6)

    alone = [context.summaries(left[n : n + 1], right[n : n + 1])[0] for n in range(3)]

    torch.testing.assert_close(context.summaries(left, right)[0], torch.cat(alone))


def test_channels_are_scaled_and_shifted_by_a_summary(context) -> None:
    summary, features = torch.rand(2, 8), torch.rand(2, 6, 3, 5)
    scale, shift = context.film[0](summary).chunk(2, dim=1)

    conditioned = context.condition(0, summary, features)

    expected = features[1, 4, 2, 3] * (1 + scale[1, 4]) + shift[1, 4]
    torch.testing.assert_close(conditioned[1, 4, 2, 3], expected)


def test_what_is_far_away_in_the_picture_counts(make_network) -> None:
    model = make_network(CONFIG)
    views = torch.rand(2, 1, 3, 16, 256)
    brighter = views.clone()
    brighter[..., 200:] += 0.5

    with torch.no_grad():
        changed = model(*brighter)[0] - model(*views)[0]

    assert changed[..., :40].abs().max() > 1e-5
