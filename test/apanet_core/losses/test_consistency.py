from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.losses.consistency import consistency_loss

NAN = math.nan


def row(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 1, 1, -1)


def test_a_row_by_hand() -> None:
    left, right = row(0.9, 0.1, 0.3, 0.4), row(0.1, 0.5, 0.2, 0.9)
    disparity = row(NAN, 1, 0.5, 3)

    # Against right columns 0, 1.5 (halfway between 0.5 and 0.2) and 0.
    expected = (abs(0.1 - 0.1) + abs(0.3 - 0.35) + abs(0.4 - 0.1)) / 3
    assert consistency_loss(left, right, disparity).item() == pytest.approx(expected)


def test_views_that_are_wrong_alike_cost_nothing() -> None:
    left = torch.rand(2, 3, 5, 20)
    right = left.roll(-4, dims=3)
    disparity = torch.full((2, 1, 5, 20), 4.0)
    disparity[..., :4] = NAN

    assert consistency_loss(left, right, disparity).item() == pytest.approx(0, abs=1e-6)
    assert consistency_loss(left, right, disparity - 1).item() > 0.1


def test_channels_and_pictures_count_alike() -> None:
    left = torch.zeros(2, 3, 4, 6)
    left[0, 0], left[1] = 0.3, 0.5
    right = torch.zeros_like(left)
    disparity = torch.zeros(2, 1, 4, 6)
    disparity[1, :, :3] = NAN

    found = consistency_loss(left, right, disparity)

    assert found.item() == pytest.approx((0.3 / 3 + 0.5) / 2)


def test_nothing_known_costs_nothing_and_spoils_no_gradient() -> None:
    left, right = torch.rand(2, 1, 3, 4, 6, requires_grad=True)
    disparity = torch.full((1, 1, 4, 6), NAN)

    loss = consistency_loss(left, right, disparity)

    assert loss.item() == 0
    for slope in torch.autograd.grad(loss, (left, right)):
        assert torch.equal(slope, torch.zeros_like(slope))


def test_gradient() -> None:
    left, right = torch.rand(2, 1, 2, 3, 7, dtype=torch.float64)
    disparity = 3 * torch.rand(1, 1, 3, 7, dtype=torch.float64)
    disparity[0, 0, 1, 2] = NAN
    views = (left.requires_grad_(), right.requires_grad_())

    assert torch.autograd.gradcheck(lambda *errors: consistency_loss(*errors, disparity), views)
