from __future__ import annotations

import pytest

pytest.importorskip("torch")

import math

import numpy as np
import torch

from apanet_core import metrics
from apanet_core.losses.psnr import psnr_loss


def test_two_pictures_by_hand() -> None:
    target = torch.full((2, 3, 4, 4), 0.5)
    output = target.clone()
    output[0] += 0.1
    output[1, 0] -= 0.3

    errors = (0.01, 0.09 / 3)
    expected = (math.log(errors[0] + 0.001) + math.log(errors[1] + 0.001)) / 2
    assert psnr_loss(output, target, floor=0.001).item() == pytest.approx(expected, rel=1e-5)


def test_equal_images_cost_the_floor() -> None:
    image = torch.rand(2, 3, 4, 4)

    assert psnr_loss(image, image).item() == pytest.approx(math.log(1e-5))


def test_equals_the_metric_up_to_scale() -> None:
    images = np.random.default_rng(2).integers(0, 256, (2, 9, 8, 3), np.uint8)
    output, target = torch.from_numpy(images.transpose(0, 3, 1, 2) / 255.0).split(1)

    decibel = -10 / math.log(10) * psnr_loss(output, target, floor=0).item()

    assert decibel == pytest.approx(metrics.psnr(*images))


def test_each_picture_counts_by_its_own_error() -> None:
    target = torch.zeros(2, 3, 8, 8)
    output = torch.empty_like(target)
    output[0], output[1] = 0.02, 0.2

    (slope,) = torch.autograd.grad(psnr_loss(output.requires_grad_(), target, floor=0), output)

    # A step that takes a share off the error is worth the same in both.
    gains = (slope * output).sum(dim=(1, 2, 3)).tolist()
    assert gains == pytest.approx([1, 1])


def test_gradient() -> None:
    output, target = torch.rand(2, 2, 3, 2, 3, dtype=torch.float64)

    assert torch.autograd.gradcheck(psnr_loss, (output.requires_grad_(), target))
