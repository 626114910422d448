from __future__ import annotations

import numpy as np
import pytest

from apanet_core.evaluation.baselines import baselines, bilateral, guided, median

FILTERS = [median, bilateral, guided]


@pytest.mark.parametrize("filtered", FILTERS)
def test_a_plain_picture_stays_as_it_is(filtered) -> None:
    plain = np.full((20, 30, 3), (10, 128, 250), np.uint8)

    assert np.array_equal(filtered(plain), plain)


@pytest.mark.parametrize("filtered", FILTERS)
def test_noise_becomes_less_and_an_edge_stays(filtered) -> None:
    generator = np.random.default_rng(1)
    edge = np.full((40, 60, 3), 60, np.uint8)
    edge[:, 30:] = 190
    noisy = (edge + generator.integers(-8, 9, edge.shape)).astype(np.uint8)

    found = filtered(noisy).astype(float)

    inside = np.s_[8:-8, 8:20]
    assert np.std(found[inside]) < 0.7 * np.std(noisy[inside])
    assert (found[:, 31] - found[:, 28]).mean() > 100


def test_the_median_takes_a_thin_streak_away() -> None:
    streak = np.full((20, 20, 3), 50, np.uint8)
    streak[:, 10] = 200

    assert (median(streak) == 50).all()


def test_the_guided_filter_by_hand() -> None:
    """A dot in the middle of nothing: slope = v / (v + eps) of its window, once averaged."""
    image = np.zeros((31, 31, 3), np.uint8)
    image[15, 15] = 255
    mean = 1 / 81
    variance = mean - mean**2
    slope = variance / (variance + 0.01)

    found = guided(image)

    # All 81 windows around the dot hold it once, and so share one slope and one offset.
    assert found[15, 15, 0] == round(255 * (slope + mean * (1 - slope)))
    assert not found[:5].any()


def test_every_baseline_filters_each_view_alone() -> None:
    left, right = np.random.default_rng(2).integers(0, 256, (2, 24, 32, 3), np.uint8)

    methods = baselines()

    assert [method.name for method in methods] == ["median", "bilateral", "guided"]
    for method, filtered in zip(methods, FILTERS, strict=True):
        found = method.apply((left, right))
        assert np.array_equal(found[0], filtered(left))
        assert np.array_equal(found[1], filtered(right))
        assert not method.learned
        assert method.description


@pytest.mark.parametrize("method", baselines(), ids=lambda method: method.name)
def test_sixteen_bits_are_filtered_like_eight(method) -> None:
    picture = np.random.default_rng(2).integers(0, 256, (24, 32, 3), np.uint8)

    found, _ = method.derain(picture.astype(np.uint16) * 257, picture.astype(np.uint16) * 257)

    expected, _ = method.derain(picture, picture)
    assert found.dtype == np.uint16
    assert np.abs(found / 257 - expected).max() < 1.01
