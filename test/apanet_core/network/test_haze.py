"""Haze is lifted apart from what falls, and by no more than the picture supports."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch.nn.functional import avg_pool2d

from apanet_core.network.apanet import veiled_views
from apanet_core.network.config import ApanetConfig
from apanet_core.network.haze import HazeLift, brightness, supported

CONFIG = ApanetConfig(
    width=8,
    blocks=(1, 1),
    memory_size=(4, 4),
    parallax=(False, True),
    parallax_gate=True,
    stem_fold=2,
    standardise=True,
    haze=True,
)


@pytest.fixture
def model(make_network):
    return make_network(CONFIG)


def test_a_gain_and_an_offset_lift_haze() -> None:
    lift = HazeLift(4, 2)
    lift.gain.bias.data = torch.tensor([0.5, 0.0, 1.0])
    lift.offset.bias.data = torch.tensor([0.1, 0.2, 0.3]).repeat_interleave(4)
    view = torch.rand(1, 3, 6, 8)

    added = lift(view, torch.rand(1, 4, 3, 4))

    gain, offset = (torch.tensor(v)[:, None, None] for v in ([0.5, 0.0, 1.0], [0.1, 0.2, 0.3]))
    torch.testing.assert_close(added, view * gain - offset)


def test_no_more_is_taken_than_the_darkest_place_holds_nor_added_than_white_leaves() -> None:
    view = torch.full((1, 3, 24, 24), 0.5)
    view[..., 8:12, 8:12] = 0.2
    view[..., 16:20, 16:20] = 0.9

    taken = supported(torch.full_like(view, -1.0), view)
    added = supported(torch.full_like(view, 1.0), view)

    torch.testing.assert_close(taken[0, 0, 9, 9], torch.tensor(-0.2))
    torch.testing.assert_close(taken[0, 0, 1, 22], torch.tensor(-0.5))
    torch.testing.assert_close(added[0, 0, 17, 17], torch.tensor(0.1))
    torch.testing.assert_close(added[0, 0, 22, 1], torch.tensor(0.5))
    small = torch.full_like(view, 0.05)
    assert torch.equal(supported(small, view), small)


def test_brightness_is_the_view_without_detail() -> None:
    ramp = torch.linspace(0, 1, 64).expand(1, 3, 40, 64).clone()
    stripes = ramp + 0.1 * (-1) ** torch.arange(64)

    torch.testing.assert_close(brightness(stripes), brightness(ramp))
    torch.testing.assert_close(brightness(ramp)[..., 8:-8], ramp[..., 8:-8])
    assert brightness(torch.rand(1, 3, 21, 35)).shape == (1, 3, 21, 35)


def test_at_veil_removal_0_the_brightness_field_stays_the_inputs(model) -> None:
    rows = torch.linspace(0.2, 0.8, 128)[:, None]
    views = (rows + 0.1 * torch.rand(2, 1, 3, 128, 192)).clamp(0, 1)

    with torch.no_grad():
        kept = model(*views, veil_removal=0.0)
        clean = model(*views)

    for view, veiled, derained in zip(views, kept, clean, strict=True):
        before, after = (avg_pool2d(each, 64, 16) for each in (view, veiled))
        assert (before - after).abs().max() < 1 / 255
        assert (before - avg_pool2d(derained, 64, 16)).abs().max() > 4 / 255
        assert (veiled - view).abs().max() > 1 / 255, "what falls is still taken off"


def test_between_0_and_1_a_share_of_the_veil_goes(model) -> None:
    views = torch.rand(2, 1, 3, 30, 45)

    with torch.no_grad():
        none, some, all_of_it = (model(*views, veil_removal=share)[1] for share in (0.0, 0.3, 1.0))

    torch.testing.assert_close(some, 0.7 * none + 0.3 * all_of_it)


def test_hazy_views_differ_from_clean_ones_by_the_lift_alone(model) -> None:
    views = torch.rand(2, 1, 3, 18, 21)

    with torch.no_grad():
        found = model.analyse(*views)
        for predict in (model.haze_lift.gain, model.haze_lift.offset):
            for parameter in predict.parameters():
                parameter.zero_()
        without = model.analyse(*views)

    for hazy, clean in zip(without.hazy, without.clean, strict=True):
        torch.testing.assert_close(clean, hazy)
    torch.testing.assert_close(found.hazy, without.hazy)
    assert veiled_views(tuple(views), found)[0].shape == (1, 3, 18, 21)


def test_a_network_with_it_derains_any_size_and_all_of_it_learns(model) -> None:
    left, right = model(*(0.3 + 0.4 * torch.rand(2, 1, 3, 18, 21)))

    assert left.shape == right.shape == (1, 3, 18, 21)
    (left.square().sum() + right.sum()).backward()
    gates = [block.apam.gate for block in model.latent]
    for part in (model.context, model.haze_lift, *gates):
        for name, parameter in part.named_parameters():
            assert parameter.grad.abs().max() > 0, name
