from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.apanet import APANet
from apanet_core.network.config import ApanetConfig
from apanet_core.network.eam import (
    ExternalAttention,
    ExternalAttentionModule,
    GatedFeedForward,
    external_attention,
    memory_total,
)

# Two tokens, a memory of two slots. Slot 0 splits its attention 1/4 and 3/4 over the tokens,
# slot 1 in halves; so token 0 holds 1/4 and 1/2, token 1 holds 3/4 and 1/2.
TOKENS = torch.tensor([[[0.0], [math.log(3)]]])
KEYS = torch.tensor([[1.0], [0.0]])
VALUES = torch.tensor([[3.0, 30.0]])


def test_external_attention_by_hand() -> None:
    found = external_attention(TOKENS, KEYS, VALUES, eps=1e-9)

    # Each token's share of the slots, normalised: 1/3 and 2/3, then 3/5 and 2/5.
    assert found.flatten().tolist() == pytest.approx([3 / 3 + 60 / 3, 9 / 5 + 60 / 5])


def test_the_released_epsilon_leaves_a_billionth() -> None:
    found = external_attention(TOKENS, KEYS, VALUES, eps=1e9)

    assert found.flatten().tolist() == pytest.approx([15.75e-9, 17.25e-9])


def test_external_attention_spreads_each_slot_over_the_tokens_of_one_image() -> None:
    tokens = torch.randn(3, 10, 4)
    keys, values = torch.randn(5, 4), torch.randn(4, 5)

    found = external_attention(tokens, keys, values, eps=1e-9)

    assert found.shape == (3, 10, 4)
    alone = external_attention(tokens[1:2], keys, values, eps=1e-9)
    assert torch.allclose(found[1:2], alone, atol=1e-6)


def test_external_attention_needs_keys_of_the_tokens_width() -> None:
    with pytest.raises(RuntimeError, match="Expected size for first two dimensions of batch2"):
        external_attention(torch.randn(1, 6, 4), torch.randn(5, 3), torch.randn(4, 5), eps=1e-9)


def test_external_attention_gradient() -> None:
    tokens, keys, values = (
        torch.randn(shape, dtype=torch.float64, requires_grad=True)
        for shape in ((2, 3, 2), (4, 2), (2, 4))
    )

    assert torch.autograd.gradcheck(
        lambda *inputs: external_attention(*inputs, eps=1e-9), (tokens, keys, values)
    )


def test_the_module_keeps_each_pixel_in_its_place() -> None:
    attention = ExternalAttention(3, 4, eps=1e-9)
    features = torch.randn(2, 3, 5, 7)

    found = attention(features)

    tokens = torch.stack([features[:, :, y, x] for y in range(5) for x in range(7)], dim=1)
    expected = external_attention(
        tokens, attention.memory_key.weight, attention.memory_value.weight, 1e-9
    )
    assert found.shape == features.shape
    assert torch.allclose(found[:, :, 3, 2], expected[:, 3 * 7 + 2], atol=1e-6)


def test_feed_forward_by_hand() -> None:
    feed_forward = GatedFeedForward(1, expansion=2)
    with torch.no_grad():
        for parameter in feed_forward.parameters():
            parameter.zero_()
        feed_forward.project_in.weight[:, 0, 0, 0] = torch.tensor([1.0, 3.0])
        feed_forward.depthwise.weight[:, 0, 1, 1] = 1.0
        feed_forward.project_out.weight.fill_(0.5)
        feed_forward.project_out.bias.fill_(1.0)

    found = feed_forward(torch.full((1, 1, 1, 1), 2.0))

    gelu_of_2 = 2 * 0.977249868
    assert found.item() == pytest.approx(0.5 * gelu_of_2 * 6 + 1, abs=1e-5)


def test_the_module_is_the_identity_at_initialisation() -> None:
    features = torch.randn(1, 4, 6, 5)

    assert torch.equal(ExternalAttentionModule(4, 8, 2, eps=1e-9)(features), features)


def test_the_module_adds_both_branches() -> None:
    # Some draws of the factors are too small to tell.
    torch.manual_seed(0)
    module = ExternalAttentionModule(4, 8, 2, eps=1e-9)
    torch.nn.init.normal_(module.beta)
    torch.nn.init.normal_(module.gamma)
    features = torch.randn(1, 4, 6, 5)

    attended = features + module.beta * module.attention(module.attention_norm(features))
    expected = attended + module.gamma * module.feed_forward(module.feed_forward_norm(attended))

    assert torch.allclose(module(features), expected)
    assert (expected - attended).abs().mean() > 0.01
    assert (attended - features).abs().mean() > 0.01


@pytest.mark.parametrize("eps", [1e-9, 1e9])
def test_the_setting_reaches_every_block(eps: float) -> None:
    config = ApanetConfig(
        width=4, blocks=(1, 1), memory_size=(4, 4), parallax=(True, True), memory_eps=eps
    )

    found = [m.eps for m in APANet(config).modules() if isinstance(m, ExternalAttention)]

    assert found == [eps] * 3


def module(eps: float) -> ExternalAttentionModule:
    torch.manual_seed(1)
    eam = ExternalAttentionModule(8, 16, 2, eps).eval()
    torch.nn.init.normal_(eam.beta)
    torch.nn.init.normal_(eam.gamma)
    return eam


@pytest.mark.parametrize("eps", [1e-9, 1.0, 1e9])
def test_attention_stays_within_its_bound(eps: float) -> None:
    attention = module(eps).attention

    for scale in (0.1, 10.0, 1000.0):
        found = attention(scale * torch.randn(1, 8, 5, 6)).abs().amax((0, 2, 3))
        assert (found <= attention.bound() * (1 + 1e-6)).all()


def test_attention_is_skipped_where_its_bound_is_below_the_resolution() -> None:
    features = torch.rand(1, 8, 5, 6) + 1
    released, ours = module(1e9), module(1e-9)
    expected = released(features), ours(features)

    assert released.skip_negligible_attention()
    assert not ours.skip_negligible_attention()
    assert torch.allclose(released(features), expected[0], rtol=1e-6, atol=1e-6)
    assert torch.equal(ours(features), expected[1])


def test_the_total_of_all_tokens_serves_some_of_them() -> None:
    tokens, keys, values = torch.randn(2, 10, 4), torch.randn(5, 4), torch.randn(4, 5)
    total = memory_total(tokens, keys)

    found = external_attention(tokens[:, 3:6], keys, values, 1e-9, total)

    assert torch.allclose(found, external_attention(tokens, keys, values, 1e-9)[:, 3:6], atol=1e-6)
