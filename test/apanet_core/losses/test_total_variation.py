from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.losses.total_variation import total_variation_loss


def test_a_small_image_by_hand() -> None:
    image = torch.tensor([[0.0, 0.1, 0.3], [0.4, 0.5, 0.3]]).reshape(1, 1, 2, 3)

    vertical = (0.4**2 + 0.4**2 + 0) / 3
    horizontal = (0.1**2 + 0.2**2 + 0.1**2 + 0.2**2) / 4
    assert total_variation_loss(image).item() == pytest.approx(2 * (vertical + horizontal))


def test_a_chessboard_is_the_worst() -> None:
    rows, columns = torch.meshgrid(torch.arange(6), torch.arange(9), indexing="ij")
    board = ((rows + columns) % 2).float().expand(2, 3, 6, 9)

    assert total_variation_loss(board).item() == pytest.approx(4)


def test_flat_images_cost_nothing() -> None:
    assert total_variation_loss(torch.full((2, 3, 5, 4), 0.7)).item() == 0


def test_neither_batch_nor_size_counts() -> None:
    image = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    alone = total_variation_loss(image)

    assert alone.shape == ()
    assert total_variation_loss(image.expand(4, 3, 8, 8)).item() == pytest.approx(alone.item())
    # Repeated pixels: half of the differences vanish, apart from the border.
    large = image.repeat_interleave(64, 2).repeat_interleave(64, 3)
    assert total_variation_loss(large).item() == pytest.approx(alone.item() / 64, rel=0.15)


def test_gradient() -> None:
    image = torch.rand(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(total_variation_loss, (image,))
