from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np
import torch

from apanet_core.data.augmentation import augmented

COLUMNS = np.arange(100, 160, dtype=np.uint8)
# Left column x shows what right column x - 4 shows; values tell columns, rows and channels.
SCENE = COLUMNS[None, :, None] + np.array([0, 20, 40], np.uint8)
LEFT = np.repeat(SCENE[:, :-4], 8, axis=0)
RIGHT = np.repeat(SCENE[:, 4:], 8, axis=0)


def samples(pairs, count: int = 20):
    return [augmented(pairs, np.random.default_rng(seed)) for seed in range(count)]


def test_views_become_tensors_in_range_and_in_order() -> None:
    for views in samples([(LEFT, RIGHT), (LEFT // 2, RIGHT // 2)]):
        assert len(views) == 4
        for view in views:
            assert view.shape == (3, 8, 56)
            assert view.dtype == torch.float32
            assert view.min() >= 0
            assert view.max() <= 1
        assert views[0].mean() > views[2].mean()
        assert views[1].mean() > views[3].mean()


def test_every_view_gets_the_same_exposure_and_color() -> None:
    levels = set()
    for views in samples([(LEFT, LEFT), (LEFT, LEFT)]):
        assert all(torch.equal(view, views[0]) for view in views)
        levels.add(float(views[0].mean()))
    assert len(levels) == 20


def test_mirroring_keeps_the_disparity() -> None:
    mirrored = 0
    for left, right in samples([(LEFT, RIGHT)]):
        assert torch.equal(left[..., 4:], right[..., :-4])
        mirrored += bool(left[0, 0, 0] > left[0, 0, -1])
    assert 3 < mirrored < 17


def test_nothing_is_turned_upside_down() -> None:
    sky_above = np.repeat(np.linspace(250, 10, 8).astype(np.uint8)[:, None, None], 8, axis=1)
    sky_above = np.repeat(sky_above, 3, axis=2)
    for view in samples([(sky_above, sky_above)]):
        assert (torch.diff(view[0][0, :, 0]) <= 0).all()
