from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.losses.contrastive import ContrastiveLoss
from apanet_core.losses.features import EncoderFeatures
from apanet_core.network.apanet import APANet, FeatureTaps
from apanet_core.network.checkpoint import save_model
from apanet_core.network.config import ApanetConfig
from apanet_core.training.distillation import (
    LargeModelLoss,
    RealRainLoss,
    RealRainWeights,
    load_single_image_network,
)

SINGLE_IMAGE = ApanetConfig(width=4, blocks=(1, 1), memory_size=(4, 4), parallax=(False, False))
STEREO = dataclasses.replace(SINGLE_IMAGE, parallax=(True, True))
FOLDED = dataclasses.replace(STEREO, width=8, stem_fold=4)


class Colours:
    """The image is its own feature."""

    weights = (1.0,)
    identity = "colours"

    def __call__(self, image: Tensor) -> list[Tensor]:
        return [image]


def brightened_by(network: APANet, amount: float) -> APANet:
    """Make a network add an amount to every pixel."""
    nn.init.zeros_(network.head.weight)
    nn.init.constant_(network.head.bias, amount)
    return network


def flat(value: float) -> Tensor:
    return torch.full((2, 3, 16, 20), value)


def random_pair(*shape: int, seed: int = 3) -> tuple[Tensor, Tensor]:
    left, right = torch.rand(2, *shape, generator=torch.Generator().manual_seed(seed))
    return left, right


def test_the_defaults_are_the_papers_weights() -> None:
    assert dataclasses.astuple(RealRainWeights()) == (2e-3, 5e-5, 1e-6)


def test_flat_views_by_hand(make_network) -> None:
    teacher = brightened_by(make_network(SINGLE_IMAGE), -0.2)
    loss = RealRainLoss(teacher, ContrastiveLoss(Colours()), RealRainWeights(10.0, 100.0, 1000.0))

    terms = loss(flat(0.8), flat(0.9), flat(0.7), flat(0.3))

    # The teacher makes 0.6 and 0.7 of the views.
    ratios = (0.1 / 0.1, 0.4 / 0.6)
    assert set(terms) == {"contrastive", "total_variation", "dark_channel"}
    assert terms["contrastive"].item() == pytest.approx(10 * sum(ratios) / 2, rel=1e-4)
    assert terms["total_variation"].item() == 0
    pixels = flat(0.7)[0, 0].numel()
    assert terms["dark_channel"].item() == pytest.approx(1000 * (0.7 + 0.3) / 2 * pixels)


def test_total_variation_is_the_mean_of_the_views(make_network) -> None:
    loss = RealRainLoss(
        make_network(SINGLE_IMAGE), ContrastiveLoss(Colours()), RealRainWeights(0, 3.0, 0)
    )
    striped = flat(0.0)
    striped[..., ::2] = 0.5

    terms = loss(flat(0.8), flat(0.8), striped, flat(0.3))

    assert terms["total_variation"].item() == pytest.approx(3.0 * 2 * 0.25 / 2)


def test_each_view_is_taught_by_itself(make_network) -> None:
    loss = RealRainLoss(make_network(SINGLE_IMAGE), ContrastiveLoss(Colours()))
    (rainy_left, rainy_right), (left, right) = (random_pair(1, 3, 16, 20, seed=i) for i in (1, 2))

    both = loss(rainy_left, rainy_right, left, right)
    lefts = loss(rainy_left, rainy_left, left, left)
    rights = loss(rainy_right, rainy_right, right, right)

    for name, term in both.items():
        assert term.item() == pytest.approx((lefts[name] + rights[name]).item() / 2, rel=1e-4)


def test_real_rain_teaches_the_student_only(make_network) -> None:
    teacher, extractor = make_network(SINGLE_IMAGE), EncoderFeatures(make_network(STEREO, seed=1))
    student = make_network(STEREO, seed=2)
    rainy = random_pair(1, 3, 16, 20)
    loss = RealRainLoss(teacher, ContrastiveLoss(extractor))

    terms = loss(*rainy, *student(*rainy))
    torch.stack(list(terms.values())).sum().backward()

    assert all(parameter.grad is not None for parameter in student.parameters())
    assert all(parameter.grad is None for parameter in teacher.parameters())


def test_a_teacher_that_compares_the_views_is_refused(make_network) -> None:
    with pytest.raises(
        ConfigError,
        match=r"^The teacher on real rain compares the two views: .* got \[True, True\]\.$",
    ):
        RealRainLoss(make_network(STEREO), ContrastiveLoss(Colours()))


def test_a_single_image_network_is_loaded(tmp_path, make_network) -> None:
    path = tmp_path / "single.safetensors"
    save_model(make_network(SINGLE_IMAGE), path)

    assert load_single_image_network(path).config == SINGLE_IMAGE


def test_a_file_of_a_network_that_compares_the_views_is_named(tmp_path, make_network) -> None:
    path = tmp_path / "stereo.safetensors"
    save_model(make_network(STEREO), path)

    with pytest.raises(ConfigError, match=rf"^{path} compares the two views: .*parallax all false"):
        load_single_image_network(path)
    with pytest.raises(CheckpointError, match="No weights 'absent'"):
        load_single_image_network("absent")


def test_a_student_that_is_the_teacher_has_nothing_to_learn(make_network) -> None:
    teacher = make_network(STEREO)
    rainy = random_pair(1, 3, 17, 21)
    loss = LargeModelLoss(teacher, STEREO, output_weight=1.0, tap_weight=1.0)

    terms = loss(*rainy, *teacher.forward_with_taps(*rainy))

    assert {name: term.item() for name, term in terms.items()} == {"output": 0, "taps": 0}
    assert list(loss.parameters()) == []


def test_differences_by_hand(make_network) -> None:
    teacher = make_network(STEREO)
    rainy = random_pair(1, 3, 16, 20)
    loss = LargeModelLoss(teacher, STEREO, output_weight=10.0, tap_weight=100.0)
    left, right, taps = teacher.forward_with_taps(*rainy)
    # Off by a half, by a third, ... of the teacher's own size.
    encoder = (taps.encoder[0] * 1.5, taps.encoder[1] / 3)
    decoder = (-taps.decoder[0], taps.decoder[1])

    terms = loss(*rainy, left + 0.1, right - 0.3, FeatureTaps(encoder, decoder))

    assert terms["output"].item() == pytest.approx(10 * (0.1 + 0.3) / 2, rel=1e-4)
    assert terms["taps"].item() == pytest.approx(100 * (1 / 2 + 2 / 3 + 2 + 0) / 4, rel=1e-4)


def average_of_blocks(tap: Tensor) -> Tensor:
    rows, columns = tap.shape[-2] // 4, tap.shape[-1] // 4
    return tap.reshape(*tap.shape[:2], rows, 4, columns, 4).mean(dim=(3, 5))


@pytest.mark.parametrize("size", [(16, 24), (18, 27)])
def test_taps_meet_on_the_coarser_grid_inside_the_image(make_network, size) -> None:
    teacher = make_network(STEREO)
    rainy = random_pair(1, 3, *size)
    loss = LargeModelLoss(teacher, dataclasses.replace(STEREO, stem_fold=4), 1.0, 1.0)
    left, right, taps = teacher.forward_with_taps(*rainy)
    cells = (size[0] // 4, size[1] // 4)
    inside = [
        [average_of_blocks(tap[..., : 4 * cells[0], : 4 * cells[1]]) for tap in views]
        for views in taps
    ]
    # The student's padding, which no longer lies over the teacher's, must not count.
    padded = [
        tuple(nn.functional.pad(tap, (0, 2, 0, 1), value=1e6) for tap in views) for views in inside
    ]

    terms = loss(*rainy, left, right, FeatureTaps(*padded))

    assert terms["taps"].item() == pytest.approx(0, abs=1e-5)


def test_taps_of_another_width_are_projected(make_network) -> None:
    loss = LargeModelLoss(make_network(FOLDED), STEREO, 1.0, 1.0)

    shapes = {name: tuple(parameter.shape) for name, parameter in loss.named_parameters()}

    assert shapes == {
        "project_encoder.weight": (8, 4, 1, 1),
        "project_encoder.bias": (8,),
        "project_decoder.weight": (16, 8, 1, 1),
        "project_decoder.bias": (16,),
    }
    assert set(loss.state_dict()) == set(shapes)


@pytest.mark.parametrize(("large", "small"), [(FOLDED, STEREO), (STEREO, FOLDED)])
def test_a_large_network_teaches_student_and_projections(make_network, large, small) -> None:
    teacher, student = make_network(large), make_network(small, seed=1)
    rainy = random_pair(1, 3, 19, 36)
    loss = LargeModelLoss(teacher, small, output_weight=1.0, tap_weight=1.0)

    terms = loss(*rainy, *student.forward_with_taps(*rainy))
    (terms["output"] + terms["taps"]).backward()

    learning = [*student.parameters(), *loss.parameters()]
    assert all(parameter.grad is not None for parameter in learning)
    assert all(torch.isfinite(parameter.grad).all() for parameter in learning)
    assert all(parameter.grad is None for parameter in teacher.parameters())


def descend(loss: Callable[[], Tensor], parameters: list[nn.Parameter], steps: int) -> list[float]:
    optimizer = torch.optim.Adam(parameters, lr=0.02)
    values = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        values.append(value.item())
    return values


def test_a_student_comes_to_resemble_the_teacher(make_network) -> None:
    teacher, student = make_network(FOLDED), make_network(STEREO, seed=1)
    rainy = random_pair(1, 3, 16, 16)
    torch.manual_seed(5)
    loss = LargeModelLoss(teacher, STEREO, output_weight=1.0, tap_weight=1.0)

    def total() -> Tensor:
        return torch.stack(list(loss(*rainy, *student.forward_with_taps(*rainy)).values())).sum()

    values = descend(total, [*student.parameters(), *loss.parameters()], steps=25)

    assert values[-1] < 0.7 * values[0]
