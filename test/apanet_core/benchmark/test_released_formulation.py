"""That it gives the released network's numbers is tested with the golden vectors."""

from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.benchmark.released_formulation import in_released_formulation
from apanet_core.network.eam import ExternalAttention


@pytest.mark.parametrize("masked", [True, False])
def test_agrees_with_the_fused_network_and_leaves_it_alone(
    make_network, small_config, masked: bool
) -> None:
    model = make_network(dataclasses.replace(small_config, parallax_mask=masked))
    views = torch.rand(2, 1, 3, 20, 36)

    with torch.inference_mode():
        before = model(*views)
        plain = in_released_formulation(model)(*views)
        after = model(*views)

    for fused, stored, again in zip(before, plain, after, strict=True):
        torch.testing.assert_close(stored, fused, rtol=0, atol=1e-5)
        assert torch.equal(again, fused)


def test_weights_are_shared_not_copied(make_network, small_config) -> None:
    model = make_network(small_config)

    plain = in_released_formulation(model)

    ours = {parameter.data_ptr() for parameter in model.parameters()}
    assert {parameter.data_ptr() for parameter in plain.parameters()} == ours


def test_scores_are_stored(make_network, small_config, largest_tensor) -> None:
    model = in_released_formulation(make_network(small_config))

    # One matrix of 160 x 160 per row of the first level.
    views = torch.rand(2, 1, 3, 16, 160)
    assert largest_tensor(lambda: model(*views)) >= 16 * 160 * 160


def test_nothing_is_skipped_or_cut(make_network, small_config, monkeypatch) -> None:
    monkeypatch.setattr("apanet_core.network.strips.WHOLE_BYTES", 0)
    model = make_network(dataclasses.replace(small_config, memory_eps=1e9))
    assert model.skip_negligible_attention() == 3
    views = torch.rand(2, 1, 3, 40, 40)
    plain = in_released_formulation(model)
    rows = []
    for module in plain.modules():
        if isinstance(module, ExternalAttention):
            module.register_forward_hook(lambda _, inputs, __: rows.append(inputs[0].shape[2]))

    with torch.inference_mode():
        plain(*views)

    # Whole pictures, per view, in each of three blocks.
    assert sorted(rows) == [20, 20, 40, 40, 40, 40]
