from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network import strips
from apanet_core.network.blocks import BasicBlock
from apanet_core.network.config import RELEASED_MEMORY_EPS, ApanetConfig
from apanet_core.network.strips import Strip, strip_rows, strips_of


def test_strips_see_a_row_more_on_either_side() -> None:
    assert list(strips_of(10, 4)) == [
        Strip(slice(0, 4), slice(0, 5), slice(0, 4)),
        Strip(slice(4, 8), slice(3, 9), slice(1, 5)),
        Strip(slice(8, 10), slice(7, 10), slice(1, 3)),
    ]


def test_only_large_features_without_gradients_are_cut(monkeypatch) -> None:
    monkeypatch.setattr(strips, "WHOLE_BYTES", 1000)
    monkeypatch.setattr(strips, "STRIP_BYTES", 800)
    features = torch.zeros(1, 2, 20, 10)

    assert strip_rows(features) == 20
    with torch.inference_mode():
        assert strip_rows(features) == 10
        assert strip_rows(features[:, :, :12]) == 12


@pytest.mark.parametrize("eps", [1e-9, RELEASED_MEMORY_EPS])
@pytest.mark.parametrize("parallax", [True, False])
@torch.inference_mode()
def test_strips_add_up_to_the_whole(monkeypatch, eps: float, parallax: bool) -> None:
    torch.manual_seed(0)
    config = ApanetConfig(
        width=8, blocks=(1, 1), memory_size=(4, 4), memory_eps=eps, parallax=(parallax, True)
    )
    block = BasicBlock(8, 0, config).eval()
    for name, parameter in block.named_parameters():
        if name.endswith(("beta", "gamma")):
            torch.nn.init.normal_(parameter)
    left, right = torch.randn(2, 1, 8, 23, 30)
    whole = block(left, right)

    monkeypatch.setattr(strips, "WHOLE_BYTES", 0)
    cut = block(left, right)

    assert not torch.equal(cut[0], left)
    for ours, expected in zip(cut, whole, strict=True):
        assert torch.allclose(ours, expected, atol=1e-5)


@torch.inference_mode()
def test_strips_take_less_memory(monkeypatch, largest_tensor) -> None:
    config = ApanetConfig(width=8, blocks=(1, 1), memory_size=(4, 4), parallax=(True, True))
    block = BasicBlock(8, 0, config).eval()
    left, right = torch.randn(2, 1, 8, 200, 30)
    whole = largest_tensor(lambda: block(left, right))

    monkeypatch.setattr(strips, "WHOLE_BYTES", 0)
    monkeypatch.setattr(strips, "STRIP_BYTES", 8 * 8 * 30 * 4)

    # Of the whole picture there is nothing but what each view becomes.
    assert largest_tensor(lambda: block(left, right)) == left.numel()
    assert whole >= 2 * left.numel()
