from __future__ import annotations

import re

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.errors import ConfigError
from apanet_core.imaging.tiling import Tiling, blend_weights, derain_tiled, tile_starts


def test_the_last_tile_lies_flush_with_the_border() -> None:
    # KITTI's 1242 x 375, padded to 1248 x 384.
    assert tile_starts(1248, 320, 60) == [0, 260, 520, 780, 928]
    assert tile_starts(384, 320, 60) == [0, 64]
    assert tile_starts(580, 320, 60) == [0, 260]
    assert tile_starts(320, 320, 60) == [0]


def test_weights_by_hand() -> None:
    weights = blend_weights(4, 2)

    assert weights[2, 1].item() == pytest.approx(1e-3**-0.5)
    assert weights[0, 0].item() == pytest.approx(5.001**-0.5)
    assert weights[2, 0].item() == pytest.approx(1.001**-0.5)


def test_a_point_wise_function_does_not_see_the_tiles() -> None:
    left, right = torch.rand(2, 1, 3, 70, 150)
    tiling = Tiling(tile=64, overlap=20, multiple=16, batch=3)

    found = derain_tiled(lambda *views: tuple(view / 2 for view in views), left, right, tiling)

    for output, view in zip(found, (left, right), strict=True):
        torch.testing.assert_close(output, view / 2)


def test_tiles_blend_by_their_weights() -> None:
    tiling = Tiling(tile=32, overlap=16, multiple=16)
    seen: list[int] = []

    def number(left, right):
        seen.append(1)
        return torch.full_like(left, len(seen) / 4), torch.zeros_like(right)

    left, right = derain_tiled(number, *torch.rand(2, 1, 3, 32, 48), tiling)

    # Two tiles: the first from column 0, the second from column 16.
    assert len(seen) == 2
    weights = blend_weights(32, 32)[16]
    assert left[0, 0, 16, 0].item() == pytest.approx(1 / 4)
    assert left[0, 0, 16, 47].item() == pytest.approx(2 / 4)
    first, second = weights[20], weights[4]
    expected = (first * 0.25 + second * 0.5) / (first + second)
    assert left[0, 0, 16, 20].item() == pytest.approx(expected.item())
    assert right.abs().max() == 0


@pytest.mark.parametrize("batch", [2, 5])
def test_the_batch_does_not_change_the_result(batch: int, make_network, small_config) -> None:
    model = make_network(small_config)
    views = torch.rand(2, 1, 3, 50, 90)

    with torch.no_grad():
        one = derain_tiled(model, *views, Tiling(tile=32, overlap=8, multiple=16))
        more = derain_tiled(model, *views, Tiling(tile=32, overlap=8, multiple=16, batch=batch))

    torch.testing.assert_close(more, one, rtol=0, atol=1e-6)


def test_a_picture_of_one_tile_is_derained_whole(make_network, small_config) -> None:
    model = make_network(small_config)
    left, right = torch.rand(2, 1, 3, 32, 64)

    with torch.no_grad():
        found = derain_tiled(model, left, right, Tiling())
        whole = model(left, right)

    for output, expected in zip(found, whole, strict=True):
        torch.testing.assert_close(output, expected.clamp(0, 1))


@pytest.mark.parametrize("wrong", [{"tile": 100}, {"overlap": 320}, {"overlap": -1}, {"batch": 0}])
def test_what_does_not_fit_is_refused(wrong: dict[str, int]) -> None:
    tile = wrong.get("tile", 320)
    with pytest.raises(
        ConfigError, match=re.escape(f"A tile of {tile} px must be a multiple of 32")
    ):
        Tiling(**wrong)
