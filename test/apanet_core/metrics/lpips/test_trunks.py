from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.metrics.lpips.trunks import (
    CHANNELS,
    BinomialBlur,
    alexnet,
    shift_tolerant_alexnet,
)


@pytest.mark.parametrize(
    ("make", "sides"),
    [(alexnet, [15, 7, 3, 3, 3]), (shift_tolerant_alexnet, [30, 15, 8, 8, 8])],
)
def test_the_maps_have_the_sizes_of_the_original(make, sides) -> None:
    maps = make()(torch.zeros(1, 3, 63, 63))

    assert [tuple(features.shape) for features in maps] == [
        (1, channels, side, side) for channels, side in zip(CHANNELS, sides, strict=True)
    ]
    assert all((features >= 0).all() for features in maps)


def test_the_blur_by_hand() -> None:
    dot = torch.zeros(1, 2, 6, 6)
    dot[0, 1, 3, 3] = 16

    found = BinomialBlur()(dot)

    # Padded by two the dot lies in row and column 5; windows begin at 0, 2, 4 and 6.
    assert found.shape == (1, 2, 4, 4)
    assert not found[0, 0].any()
    assert found[0, 1].nonzero().tolist() == [[2, 2]]
    assert found[0, 1, 2, 2] == 4


def test_smallest_pictures_pass() -> None:
    assert alexnet()(torch.zeros(1, 3, 32, 32))[-1].shape[-1] == 1
