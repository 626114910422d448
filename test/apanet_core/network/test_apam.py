from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.network.apam import ParallaxAttentionModule, mirrored, parallax_attention


def row(*columns: float, channels: int = 1) -> torch.Tensor:
    """One image row, `[1,C,1,W]`, of equal channels."""
    return torch.tensor(columns).expand(1, channels, 1, -1)


def make_module(channels: int) -> ParallaxAttentionModule:
    """A module whose two directions both count."""
    module = ParallaxAttentionModule(channels)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return module


def with_stored_scores(
    module: ParallaxAttentionModule, left: torch.Tensor, right: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """APAM as the paper writes it: a masked softmax over a W x W matrix, both ways."""
    query = module.left_score(module.left_norm(left))
    key = module.right_score(module.right_norm(right))
    scores = torch.einsum("bchi,bchj->bhij", query, key) / math.sqrt(left.shape[1])
    allowed = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    scores = scores.masked_fill(~allowed, -math.inf)
    from_right = torch.einsum("bhij,bchj->bchi", scores.softmax(-1), module.right_value(right))
    from_left = torch.einsum("bhij,bchi->bchj", scores.softmax(-2), module.left_value(left))
    return left + module.beta * from_right, right + module.gamma * from_left


def test_attention_by_hand() -> None:
    # Column 0 sees itself only; column 1 weighs the columns 1 to 3.
    found = parallax_attention(row(5.0, 1.0), row(0.0, math.log(3)), row(4.0, 8.0))

    assert found.flatten().tolist() == pytest.approx([4.0, 1 + 6])


def test_without_the_mask_every_column_is_seen() -> None:
    found = parallax_attention(row(5.0, 1.0), row(0.0, math.log(3)), row(4.0, 8.0), masked=False)

    # Column 0 weighs the columns 1 to 243.
    assert found.flatten().tolist() == pytest.approx([(4 + 243 * 8) / 244, 1 + 6])


def test_scores_are_divided_by_the_root_of_the_channels() -> None:
    # Four channels give a score of 4 * log(3) / 2, halved again by sqrt(4).
    found = parallax_attention(
        row(5.0, 1.0, channels=4), row(0.0, math.log(3) / 2, channels=4), row(4.0, 8.0, channels=4)
    )

    assert found[0, :, 0, 1].tolist() == pytest.approx([7.0] * 4)


def test_rows_and_images_do_not_see_each_other() -> None:
    query, key, value = torch.randn(3, 2, 3, 4, 6)

    found = parallax_attention(query, key, value)

    assert found.shape == (2, 3, 4, 6)
    one = (slice(1, 2), slice(None), slice(2, 3))
    alone = parallax_attention(query[one], key[one], value[one])
    assert torch.allclose(found[one], alone, atol=1e-6)


def test_attention_needs_the_queries_channels_in_the_keys() -> None:
    with pytest.raises(RuntimeError, match="Expected size"):
        parallax_attention(
            torch.randn(1, 4, 2, 8), torch.randn(1, 3, 2, 8), torch.randn(1, 3, 2, 8)
        )


def test_attention_gradient() -> None:
    inputs = [torch.randn(1, 2, 2, 4, dtype=torch.float64, requires_grad=True) for _ in range(3)]

    assert torch.autograd.gradcheck(parallax_attention, inputs)


def test_mirrored_flips_the_columns() -> None:
    assert mirrored(row(1.0, 2.0, 3.0)).flatten().tolist() == [3.0, 2.0, 1.0]


@pytest.mark.parametrize("shape", [(2, 8, 5, 33), (1, 4, 1, 1), (1, 16, 3, 64)])
def test_the_module_equals_a_masked_softmax_both_ways(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    module = make_module(shape[1])
    left, right = torch.randn(2, *shape)

    found = module(left, right)

    expected = with_stored_scores(module, left, right)
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("reach", [3, 32])
def test_a_reach_bounds_the_disparity(reach: int) -> None:
    left, right = torch.randn(2, 1, 4, 2, 20, requires_grad=True).unbind()
    module = make_module(4)
    module.reach = reach

    from_right, from_left = module(left, right)

    (seen_left,) = torch.autograd.grad(from_right[..., 12].sum(), right, retain_graph=True)
    (seen_right,) = torch.autograd.grad(from_left[..., 7].sum(), left)
    columns = torch.arange(20)
    assert torch.equal(
        seen_left.abs().sum((0, 1, 2)) > 0, (columns <= 12) & (columns >= 12 - reach)
    )
    assert torch.equal(seen_right.abs().sum((0, 1, 2)) > 0, (columns >= 7) & (columns <= 7 + reach))


def test_the_module_is_the_identity_at_initialisation() -> None:
    left, right = torch.randn(2, 1, 4, 3, 6)

    found = ParallaxAttentionModule(4)(left, right)

    assert torch.equal(found[0], left)
    assert torch.equal(found[1], right)


WIDTH = 6


@pytest.mark.parametrize("column", range(WIDTH))
def test_a_left_column_sees_right_columns_up_to_its_own(column: int) -> None:
    left, right = torch.randn(2, 1, 4, 1, WIDTH, requires_grad=True).unbind()
    derained, _ = make_module(4)(left, right)

    (influence,) = torch.autograd.grad(derained[..., column].sum(), right)

    seen = influence.abs().sum((0, 1, 2)) > 0
    assert seen.tolist() == [other <= column for other in range(WIDTH)]


@pytest.mark.parametrize("column", range(WIDTH))
def test_a_right_column_sees_left_columns_from_its_own(column: int) -> None:
    left, right = torch.randn(2, 1, 4, 1, WIDTH, requires_grad=True).unbind()
    _, derained = make_module(4)(left, right)

    (influence,) = torch.autograd.grad(derained[..., column].sum(), left)

    seen = influence.abs().sum((0, 1, 2)) > 0
    assert seen.tolist() == [other >= column for other in range(WIDTH)]


WIDE = (1, 8, 2, 1024)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("training", [False, True])
def test_no_scores_are_stored(largest_tensor, layout: torch.memory_format, training: bool) -> None:
    module = make_module(WIDE[1])
    left, right = (view.contiguous(memory_format=layout) for view in torch.randn(2, *WIDE))
    features = math.prod(WIDE)
    scores = WIDE[2] * WIDE[3] ** 2

    def run() -> None:
        with torch.set_grad_enabled(training):
            outputs = module(left, right)
        if training:
            sum(output.sum() for output in outputs).backward()

    assert largest_tensor(lambda: with_stored_scores(module, left, right)) >= scores
    assert largest_tensor(run) <= 2 * features
