from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from apanet_core.errors import ImageError
from apanet_core.network.apanet import APANet
from apanet_core.network.config import ApanetConfig

THREE_LEVELS = ApanetConfig(
    width=4, blocks=(1, 1, 1), memory_size=(4,) * 3, stem_fold=4, parallax=(False, True, True)
)


def random_pair(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    left, right = torch.rand(2, *shape, generator=torch.Generator().manual_seed(3))
    return left, right


def test_the_default_network_is_the_papers_size() -> None:
    with torch.device("meta"):
        parameters = sum(parameter.numel() for parameter in APANet().parameters())

    assert parameters == 8_013_443


@pytest.mark.parametrize("size", [(16, 16), (17, 33), (16, 97), (47, 21), (48, 64)])
@torch.inference_mode()
def test_any_size_is_padded_by_reflection_and_cropped(make_network, size) -> None:
    model = make_network(THREE_LEVELS)
    pair = random_pair(1, 3, *size)
    padding = [(0, 0), (0, 0), *((0, -side % 16) for side in size)]
    padded = [torch.from_numpy(np.pad(view.numpy(), padding, mode="reflect")) for view in pair]

    found, expected = model(*pair), model(*padded)

    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == (1, 3, *size)
        assert torch.allclose(ours, theirs[..., : size[0], : size[1]], atol=1e-6)


@pytest.mark.parametrize(
    ("blocks", "stem_fold", "parallax"),
    [
        ((1, 1), 1, (True, True)),
        ((1, 2), 2, (False, True)),
        ((1, 1, 1), 4, (True, False, True)),
        ((1, 1, 1, 1, 1), 1, (True,) * 5),
    ],
)
@torch.inference_mode()
def test_variants(make_network, blocks, stem_fold, parallax) -> None:
    config = ApanetConfig(
        width=4,
        blocks=blocks,
        memory_size=(4,) * len(blocks),
        stem_fold=stem_fold,
        parallax=parallax,
    )
    pair = random_pair(1, 3, 32, 48)

    left, right, taps = make_network(config).forward_with_taps(*pair)

    size = (32 // stem_fold, 48 // stem_fold)
    assert left.shape == right.shape == (1, 3, 32, 48)
    assert [tap.shape for tap in taps.encoder] == [(1, 4, *size)] * 2
    assert [tap.shape for tap in taps.decoder] == [(1, 8, *size)] * 2


@torch.inference_mode()
def test_the_encoder_alone(make_network) -> None:
    model = make_network(THREE_LEVELS)
    pair = random_pair(2, 3, 17, 48)

    levels = model.encode(*pair)

    # 17 is padded to 32, and the stem folds 4 x 4 pixels.
    assert [level[0].shape for level in levels] == [(2, 4, 8, 12), (2, 8, 4, 6), (2, 16, 2, 3)]
    assert [level[1].shape for level in levels] == [level[0].shape for level in levels]
    _, _, taps = model.forward_with_taps(*pair)
    for ours, theirs in zip(levels[0], taps.encoder, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_the_encoder_refuses_a_wrong_pair(make_network, small_config) -> None:
    with pytest.raises(ImageError, match="The views differ in shape"):
        make_network(small_config).encode(torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 17))


@torch.inference_mode()
def test_what_the_head_finds_is_added_to_the_image(make_network, small_config) -> None:
    model = make_network(small_config)
    torch.nn.init.zeros_(model.head.weight)
    model.head.bias.copy_(torch.tensor([0.25, 0.0, -0.5]))
    pair = random_pair(1, 3, 17, 18)

    for found, view in zip(model(*pair), pair, strict=True):
        assert torch.allclose(found - view, model.head.bias[:, None, None], atol=1e-6)


@torch.inference_mode()
def test_pairs_of_a_batch_do_not_see_each_other(make_network, small_config) -> None:
    model = make_network(small_config)
    left, right = random_pair(3, 3, 20, 24)

    together, alone = model(left, right), model(left[1:2], right[1:2])

    for ours, theirs in zip(together, alone, strict=True):
        assert torch.allclose(ours[1:2], theirs, atol=1e-5)


@pytest.mark.parametrize(("parallax", "seen"), [((False, False), False), ((False, True), True)])
@torch.inference_mode()
def test_views_see_each_other_only_through_parallax(make_network, parallax, seen) -> None:
    model = make_network(
        ApanetConfig(width=8, blocks=(1, 1), memory_size=(4, 4), parallax=parallax)
    )
    left, right = random_pair(1, 3, 16, 24)

    difference = model(left, right)[0] - model(left, 1 - right)[0]

    assert bool(difference.abs().max() > 1e-4) == seen


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ((1, 3, 16, 16), (1, 3, 16, 17), r"\(1, 3, 16, 16\).*\(1, 3, 16, 17\)"),
        ((1, 3, 15, 32), (1, 3, 15, 32), r"H and W of at least 16, got \(1, 3, 15, 32\)"),
        ((1, 3, 32, 15), (1, 3, 32, 15), r"H and W of at least 16, got \(1, 3, 32, 15\)"),
        ((1, 4, 16, 16), (1, 4, 16, 16), r"takes \[B,3,H,W\].* got \(1, 4, 16, 16\)"),
        ((3, 16, 16), (3, 16, 16), r"takes \[B,3,H,W\].* got \(3, 16, 16\)"),
    ],
)
def test_a_wrong_pair_is_refused(make_network, small_config, left, right, message) -> None:
    with pytest.raises(ImageError, match=message):
        make_network(small_config)(torch.rand(left), torch.rand(right))


@pytest.mark.parametrize("config", [THREE_LEVELS, ApanetConfig(width=4, blocks=(1, 1, 1, 1))])
def test_the_gradient_reaches_every_parameter(make_network, config) -> None:
    model = make_network(config)

    left, right = model(*random_pair(1, 3, 32, 48))
    (left.square().mean() + right.square().mean()).backward()

    untouched = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is None or not parameter.grad.count_nonzero()
    ]
    assert untouched == []
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())


class Operations(TorchDispatchMode):
    """Counts the fused attention kernels and notes the largest tensor on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.fused = 0
        self.largest = 0

    def __torch_dispatch__(self, operation, types, arguments=(), keywords=None):
        self.fused += "flash_attention" in str(operation)
        result = operation(*arguments, **(keywords or {}))
        returned = result if isinstance(result, (tuple, list)) else [result]
        tensors = [item for item in returned if isinstance(item, torch.Tensor)]
        self.largest = max([self.largest, *(tensor.numel() for tensor in tensors)])
        return result


@torch.no_grad()
def test_every_parallax_attention_runs_fused(make_network) -> None:
    config = ApanetConfig(width=4, blocks=(1, 1, 1, 1), memory_size=(4,) * 4)
    model = make_network(config)
    pair = random_pair(1, 3, 16, 1024)

    with Operations() as operations:
        model(*pair)

    # Two directions in each of four levels down and three up.
    assert operations.fused == 2 * (4 + 3)
    scores = 16 * 1024**2
    assert operations.largest < scores / 8
    assert operations.largest >= math.prod((2 * 2 * config.width, 16, 1024))
