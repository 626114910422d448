from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np
import torch

from apanet_core import metrics
from apanet_core.losses.ssim import gaussian_window, ssim, ssim_loss


def noisy_pair(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    clean = torch.rand(shape, generator=generator)
    return (clean + 0.2 * torch.rand(shape, generator=generator)).clamp(0, 1), clean


def test_the_window_by_hand() -> None:
    side = float(np.exp(-0.5))

    window = gaussian_window(3, sigma=1.0)

    expected = np.array([side, 1, side]) / (1 + 2 * side)
    assert window.tolist() == pytest.approx(expected.tolist())


def test_flat_images_by_hand() -> None:
    dark, bright = torch.full((1, 3, 11, 11), 0.2), torch.full((1, 3, 11, 11), 0.8)

    # Only the luminance term counts. In float32 the variances vanish up to rounding, which the
    # small constants of SSIM magnify.
    expected = (2 * 0.2 * 0.8 + 1e-4) / (0.2**2 + 0.8**2 + 1e-4)
    assert ssim(dark, bright).item() == pytest.approx(expected, abs=1e-3)
    assert ssim_loss(dark, bright).item() == pytest.approx(1 - expected, abs=1e-3)


def test_equal_images_cost_nothing() -> None:
    _, clean = noisy_pair(2, 3, 20, 17)

    assert ssim_loss(clean, clean).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("size", [(11, 11), (23, 40)])
def test_equals_the_metric(size: tuple[int, int]) -> None:
    images = np.random.default_rng(2).integers(0, 256, (2, *size, 3), np.uint8)
    images[1] = images[0] // 2 + images[1] // 2
    output, target = torch.from_numpy(images.transpose(0, 3, 1, 2) / 255.0).float().split(1)

    assert ssim(output, target).item() == pytest.approx(metrics.ssim(*images), abs=1e-5)


def test_is_the_mean_over_the_batch() -> None:
    output, target = noisy_pair(2, 3, 16, 16)

    alone = [ssim(output[i : i + 1], target[i : i + 1]).item() for i in range(2)]

    assert ssim(output, target).shape == ()
    assert ssim(output, target).item() == pytest.approx(np.mean(alone), abs=1e-6)


def test_an_image_smaller_than_the_window_is_refused() -> None:
    with pytest.raises(RuntimeError, match="Kernel size can't be greater than actual input size"):
        ssim(*noisy_pair(1, 3, 16, 10))


def test_gradient() -> None:
    output, target = (image.double() for image in noisy_pair(1, 1, 12, 11))

    assert torch.autograd.gradcheck(ssim_loss, (output.requires_grad_(), target))


def test_following_the_gradient_makes_images_more_alike() -> None:
    output, target = noisy_pair(1, 3, 24, 24)
    (slope,) = torch.autograd.grad(ssim_loss(output.requires_grad_(), target), output)

    better = output.detach() - 0.01 * slope / slope.abs().max()

    assert ssim(better, target) > ssim(output.detach(), target)
