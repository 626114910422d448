from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.errors import ConfigError
from apanet_core.network.config import ApanetConfig
from apanet_core.network.growth import grown

SMALL = ApanetConfig(width=8, blocks=(1, 2), memory_size=(4, 4), parallax=(False, True))


def test_a_grown_network_computes_what_the_small_one_did(make_network) -> None:
    model = make_network(SMALL)
    views = torch.rand(2, 1, 3, 16, 24)

    larger = grown(model, dataclasses.replace(SMALL, blocks=(3, 3), parallax=(True, True))).eval()

    with torch.no_grad():
        for small, large in zip(model(*views), larger(*views), strict=True):
            torch.testing.assert_close(large, small, rtol=0, atol=1e-6)


def deeper(**changes) -> ApanetConfig:
    levels = {"blocks": (2, 2, 1), "memory_size": (4, 4, 4), "parallax": (False, True, True)}
    return dataclasses.replace(SMALL, **(levels | changes))


def test_levels_below_the_latent_one_change_nothing_at_first(make_network) -> None:
    model = make_network(SMALL)
    config = deeper()
    views = torch.rand(2, 1, 3, 4 * config.multiple, 6 * config.multiple)

    larger = grown(model, config).eval()

    with torch.no_grad():
        for small, large in zip(model(*views), larger(*views), strict=True):
            torch.testing.assert_close(large, small, rtol=0, atol=1e-6)


@pytest.mark.parametrize("gets", [{"haze": True}, {"parallax_gate": True}])
def test_what_the_paper_has_not_changes_nothing_at_first(make_network, gets) -> None:
    model = make_network(SMALL)
    views = torch.rand(2, 1, 3, 16, 24)

    larger = grown(model, dataclasses.replace(SMALL, **gets)).eval()

    with torch.no_grad():
        for small, large in zip(model(*views), larger(*views), strict=True):
            torch.testing.assert_close(large, small, rtol=0, atol=1e-6)


@pytest.mark.parametrize("has", [{"haze": True}, {"parallax_gate": True}])
def test_what_the_paper_has_not_is_not_given_up(make_network, has) -> None:
    model = make_network(dataclasses.replace(SMALL, **has))
    with pytest.raises(ConfigError, match=f"A network with {next(iter(has))} of .* cannot grow"):
        grown(model, SMALL)


def test_a_new_level_can_learn(make_network) -> None:
    larger = grown(make_network(SMALL), deeper())

    left, right = larger(*torch.rand(2, 1, 3, 16, 24))
    (left.sum() + right.sum()).backward()

    assert larger.reduce[1].weight.grad[:, : larger.reduce[1].out_channels].abs().max() > 0


def test_what_was_added_can_learn(make_network) -> None:
    larger = grown(make_network(SMALL), dataclasses.replace(SMALL, blocks=(2, 2)))

    left, right = larger(*torch.rand(2, 1, 3, 16, 24))
    (left.sum() + right.sum()).backward()

    assert larger.encoder[0][1].eam.gamma.grad.abs().max() > 0


@pytest.mark.parametrize(
    "change",
    [
        {"width": 12},
        {"blocks": (1, 1)},
        {"parallax": (False, False)},
        {"stem_fold": 2},
        {"memory_size": (4, 8)},
        {"blocks": (1, 1, 1), "memory_size": (4, 4, 4), "parallax": (False, True, True)},
    ],
)
def test_another_network_is_refused_by_name(make_network, change) -> None:
    with pytest.raises(ConfigError, match=f"A network with .*{next(iter(change))}.* cannot grow"):
        grown(make_network(SMALL), dataclasses.replace(SMALL, **change))
