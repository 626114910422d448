from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np
import torch

from apanet_core.data.augmentation import draw_augmentation, no_augmentation

COLUMNS = np.arange(100, 160, dtype=np.uint8)
# Left column x shows what right column x - 4 shows; values tell columns, rows and channels.
SCENE = COLUMNS[None, :, None] + np.array([0, 20, 40], np.uint8)
LEFT = np.repeat(SCENE[:, :-4], 8, axis=0)
RIGHT = np.repeat(SCENE[:, 4:], 8, axis=0)


DISPARITY = np.full(LEFT.shape[:2], 4, np.float32)


def samples(rainy, clean, disparity=None, count: int = 20):
    return [
        draw_augmentation(np.random.default_rng(seed)).sample(rainy, clean, disparity)
        for seed in range(count)
    ]


def test_views_become_tensors_in_range_and_in_order() -> None:
    for sample in samples((LEFT, RIGHT), (LEFT // 2, RIGHT // 2)):
        assert len(sample[:4]) == 4
        for view in sample[:4]:
            assert view.shape == (3, 8, 56)
            assert view.dtype == torch.float32
            assert view.min() >= 0
            assert view.max() <= 1
        assert sample.rainy_left.mean() > sample.clean_left.mean()
        assert sample.rainy_right.mean() > sample.clean_right.mean()


def test_every_view_gets_the_same_exposure_and_color() -> None:
    levels = set()
    for sample in samples((LEFT, LEFT), (LEFT, LEFT)):
        assert all(torch.equal(view, sample.rainy_left) for view in sample[:4])
        levels.add(float(sample.rainy_left.mean()))
    assert len(levels) == 20


def test_mirroring_keeps_the_disparity() -> None:
    mirrored = 0
    for sample in samples((LEFT, RIGHT), (LEFT, RIGHT), DISPARITY):
        left, right = sample.rainy_left, sample.rainy_right
        assert torch.equal(left[..., 4:], right[..., :-4])
        assert sample.disparity.shape == (1, 8, 56)
        assert torch.isnan(sample.disparity[..., :4]).all()
        assert (sample.disparity[..., 4:] == 4).all()
        mirrored += bool(left[0, 0, 0] > left[0, 0, -1])
    assert 3 < mirrored < 17


def test_what_only_one_view_sees_has_no_disparity() -> None:
    # A near box, disparity 6, before a wall, disparity 2.
    disparity = np.full((1, 40), 2, np.float32)
    disparity[0, 20:28] = 6
    wall = np.arange(42, dtype=np.float32)
    left, right = wall[:40].copy(), wall[2:].copy()
    left[20:28] = right[14:22] = 100 + np.arange(8)
    pair = tuple(np.repeat(np.uint8(view)[None, :, None], 3, axis=2) for view in (left, right))

    for sample in samples(pair, pair, disparity):
        known = sample.disparity[0, 0].isfinite()
        assert 24 < known.sum() < 38
        columns = np.flatnonzero(known)
        matches = columns - sample.disparity[0, 0, columns].numpy().astype(int)
        assert torch.equal(sample.clean_left[:, 0, columns], sample.clean_right[:, 0, matches])


def test_without_a_disparity_none_is_known() -> None:
    for sample in samples((LEFT, RIGHT), (LEFT, RIGHT)):
        assert sample.disparity.shape == (1, 8, 56)
        assert torch.isnan(sample.disparity).all()


def test_without_augmentation_views_are_as_they_are() -> None:
    for seed in range(8):
        change = no_augmentation(np.random.default_rng(seed))
        sample = change.sample((LEFT, RIGHT), (LEFT // 2, RIGHT // 2), DISPARITY)
        views = (LEFT, RIGHT, LEFT // 2, RIGHT // 2)
        for tensor, view in zip(sample[:4], views, strict=True):
            torch.testing.assert_close(tensor.permute(1, 2, 0).numpy() * 255, np.float32(view))
        assert (sample.disparity[..., 4:] == 4).all()


def test_real_rain_is_changed_as_made_rain_is() -> None:
    change = draw_augmentation(np.random.default_rng(3))
    sample = change.sample((LEFT, RIGHT), (LEFT, RIGHT), None)

    real = change.real_sample((LEFT, RIGHT))

    assert torch.equal(real.rainy_left, sample.rainy_left)
    assert torch.equal(real.rainy_right, sample.rainy_right)


def test_nothing_is_turned_upside_down() -> None:
    sky_above = np.repeat(np.linspace(250, 10, 8).astype(np.uint8)[:, None, None], 8, axis=1)
    sky_above = np.repeat(sky_above, 3, axis=2)
    for sample in samples((sky_above, sky_above), (sky_above, sky_above)):
        assert (torch.diff(sample.rainy_left[0, :, 0]) <= 0).all()
