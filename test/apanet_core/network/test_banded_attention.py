from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
import torch.nn.functional as F

from apanet_core.network.banded_attention import banded_attention


def plain(query, key, value, reach: int) -> torch.Tensor:
    """The definition: a softmax over all columns, of which only the band is allowed."""
    width = query.shape[2]
    back = torch.arange(width)[:, None] - torch.arange(width)
    allowed = (back >= 0) & (back <= reach)
    return F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)


@pytest.mark.parametrize("width", [1, 4, 5, 12, 31])
@pytest.mark.parametrize("reach", [1, 4, 7, 40])
def test_equals_a_masked_softmax(width: int, reach: int) -> None:
    query, key, value = torch.randn(3, 2, 3, width, 8)

    found = banded_attention(query, key, value, reach)

    torch.testing.assert_close(found, plain(query, key, value, reach), rtol=0, atol=1e-5)


def test_gradient() -> None:
    inputs = [torch.randn(1, 1, 5, 2, dtype=torch.float64, requires_grad=True) for _ in range(3)]

    assert torch.autograd.gradcheck(lambda *rows: banded_attention(*rows, 2), inputs)


def test_memory_grows_with_the_reach_not_with_the_row(largest_tensor) -> None:
    rows = torch.randn(3, 1, 1, 4096, 4)

    assert largest_tensor(lambda: banded_attention(*rows, 16)) <= 3 * 4096 * 2 * 16
