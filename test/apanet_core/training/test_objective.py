from __future__ import annotations

import dataclasses
import math

import pytest

pytest.importorskip("torch")
pytest.importorskip("pydantic")

import torch
from torch import Tensor

from apanet_core.data.sample import RealSample, Sample
from apanet_core.errors import ConfigError
from apanet_core.losses.ssim import ssim_loss
from apanet_core.network.apanet import APANet
from apanet_core.network.config import ApanetConfig
from apanet_core.training.objective import Objective, supervised_losses
from apanet_core.training.recipe import LossRecipe

CONFIG = ApanetConfig(width=4, blocks=(1, 1), memory_size=(2, 2), parallax=(False, True))


def flat(*levels: float) -> Tensor:
    """One flat picture per level, `[B,3,16,16]`."""
    return torch.tensor(levels).reshape(-1, 1, 1, 1).expand(-1, 3, 16, 16)


def batch() -> Sample:
    rainy, clean = flat(0.9, 0.9), flat(0.5, 0.5)
    hazy, unknown = flat(0.7, 0.7), torch.full((2, 3, 16, 16), torch.nan)
    on_lens = torch.zeros(2, 1, 16, 16)
    on_lens[0, :, :4] = 0.5
    none = torch.zeros_like(on_lens)
    return Sample(rainy, rainy, clean, clean, none, hazy, unknown, on_lens, none)


def test_losses_by_hand() -> None:
    left, right = flat(0.6, 0.5), flat(0.5, 0.7)

    terms = supervised_losses(left, right, batch(), LossRecipe(3.0, 2.0, 0.5, consistency=4.0))

    errors = (0.1, 0.0, 0.0, 0.2)
    assert terms["l1"].item() == pytest.approx(2 * sum(errors) / 4)
    logs = [math.log(error**2 + 1e-5) for error in errors]
    assert terms["psnr"].item() == pytest.approx(0.5 * sum(logs) / 4, rel=1e-4)
    expected = 3 * ssim_loss(torch.cat([left, right]), flat(0.5, 0.5, 0.5, 0.5))
    assert terms["ssim"].item() == pytest.approx(expected.item())
    # The first pair is 0.1 and 0 off, the second 0 and 0.2.
    assert terms["consistency"].item() == pytest.approx(4 * (0.1 + 0.2) / 2)


def test_brightness_counts_what_blurs_away_least() -> None:
    fine = flat(0.5, 0.5).clone()
    fine[..., ::2] += 0.1
    fine[..., 1::2] -= 0.1

    weights = LossRecipe(ssim=0.0, l1=1.0, brightness=5.0)
    even = supervised_losses(flat(0.6, 0.6), flat(0.5, 0.4), batch(), weights)
    rough = supervised_losses(fine, fine, batch(), weights)

    # Of four pictures two are 0.1 too bright and one 0.1 too dark.
    assert even["brightness"].item() == pytest.approx(5 * 0.3 / 4, rel=1e-5)
    assert rough["l1"].item() == pytest.approx(0.1, rel=1e-5)
    assert rough["brightness"].item() == pytest.approx(0, abs=1e-6)


def test_drops_on_the_lens_count_as_far_as_they_hide() -> None:
    weights = LossRecipe(drops=8.0)

    terms = supervised_losses(flat(0.6, 0.6), flat(0.6, 0.6), batch(), weights)

    # A quarter of one of four pictures is hidden by half.
    assert terms["drops"].item() == pytest.approx(8 * 0.1 * 0.5 / 4 / 4, rel=1e-5)


def test_a_loss_without_weight_is_left_out() -> None:
    terms = supervised_losses(flat(0.6, 0.6), flat(0.6, 0.6), batch(), LossRecipe(ssim=0.0, l1=1.0))

    assert set(terms) == {"l1"}


def test_haze_is_compared_where_it_is_known(make_network) -> None:
    model = make_network(dataclasses.replace(CONFIG, haze=True, standardise=True))
    sample = batch()

    terms = Objective(model, LossRecipe(l1=1.0, hazy=2.0))(sample)

    with torch.no_grad():
        left, _ = model.analyse(sample.rainy_left, sample.rainy_right).hazy
    error = (left - sample.hazy_left).abs().mean()
    assert error > 0.001
    assert terms["hazy"].item() == pytest.approx(2 * error.item(), rel=1e-4)


def test_a_network_that_knows_no_haze_is_not_taught_it() -> None:
    model = APANet(CONFIG)
    terms = Objective(model, LossRecipe(ssim=0.0, l1=1.0))(batch())

    assert set(terms) == {"l1"}


class Wetness:
    """Stands for the losses on real rain: how bright each student's picture is."""

    def __call__(self, rainy_left, rainy_right, left, right) -> dict[str, Tensor]:
        assert rainy_left.shape == rainy_right.shape == left.shape == right.shape
        return {"wetness": left.mean() + 2 * right.mean()}


def test_real_rain_is_asked_for_where_there_is_some() -> None:
    model = APANet(CONFIG)
    objective = Objective(model, LossRecipe(l1=1.0), real_rain=Wetness())
    real = RealSample(flat(0.25), flat(0.5))

    terms = objective(batch(), real)

    with torch.no_grad():
        left, right = model(*real)
    assert terms["wetness"].item() == pytest.approx((left.mean() + 2 * right.mean()).item())
    assert set(objective(batch())) == {"ssim", "l1"}


def test_gradients_reach_the_network() -> None:
    objective = Objective(APANet(CONFIG), LossRecipe(ssim=0.0, l1=1.0))

    sum(objective(batch()).values()).backward()

    assert objective.model.head.weight.grad.abs().max() > 0


def test_float16_is_refused_where_there_is_no_cuda() -> None:
    sentence = "optimizer.precision is float16, which needs CUDA and not cpu: choose bfloat16 or"
    with pytest.raises(ConfigError, match=sentence):
        Objective(APANet(CONFIG), LossRecipe(), "float16")


def test_half_precision_changes_the_arithmetic_a_little_and_the_losses_stay_single() -> None:
    model = APANet(CONFIG)
    none = torch.zeros(1, 1, 16, 16)
    views = torch.rand(6, 1, 3, 16, 16)
    sample = Sample(*views[:4], none, *views[4:], none, none)

    full, half = (
        Objective(model, LossRecipe(l1=1.0), precision)(sample)
        for precision in ("float32", "bfloat16")
    )

    assert half["l1"].dtype == torch.float32
    assert half["l1"].item() != full["l1"].item()
    assert half["l1"].item() == pytest.approx(full["l1"].item(), rel=0.02)
