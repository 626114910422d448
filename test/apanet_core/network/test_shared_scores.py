from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.apam import mirrored, parallax_attention
from apanet_core.network.shared_scores import BLOCK, attend_both_ways, can_share_scores


def features(width: int, scale: float = 1.0) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(width)
    return list(torch.randn(4, 2, 8, 3, width, generator=generator).mul_(scale))


@pytest.mark.parametrize("width", [1, 5, BLOCK, 3 * BLOCK + 7])
@torch.inference_mode()
def test_agrees_with_attention_in_each_direction(width: int) -> None:
    query, key, left, right = features(width)

    rows = (each.permute(0, 2, 3, 1) for each in (query, key, left, right))
    from_right, from_left = (each.permute(0, 3, 1, 2) for each in attend_both_ways(*rows))

    assert torch.allclose(from_right, parallax_attention(query, key, right), atol=1e-5)
    expected = mirrored(parallax_attention(*map(mirrored, (key, query, left))))
    assert torch.allclose(from_left, expected, atol=1e-5)


def test_by_hand() -> None:
    """Two columns whose scores are all equal: the nearer edge sees one, the other both."""
    nothing = torch.zeros(1, 1, 2, 1)
    left, right = torch.tensor([2.0, 4.0]), torch.tensor([10.0, 30.0])

    found = attend_both_ways(nothing, nothing, left.view(1, 1, 2, 1), right.view(1, 1, 2, 1))

    assert [each.flatten().tolist() for each in found] == [[10, 20], [3, 4]]


def test_scores_too_far_apart_are_left_to_others() -> None:
    rows = [each.permute(0, 2, 3, 1) for each in features(40, scale=30.0)]

    assert attend_both_ways(*rows) is None


def test_training_and_other_precisions_are_left_to_others() -> None:
    query = torch.zeros(1, 1, 2, 1)

    assert not can_share_scores(query)
    with torch.inference_mode():
        assert can_share_scores(query)
        assert not can_share_scores(query.bfloat16())
