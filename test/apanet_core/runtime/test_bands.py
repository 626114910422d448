from __future__ import annotations

import numpy as np
import pytest

from apanet_core.runtime.bands import OVERLAP, derain_in_bands


def darker(left, right):
    return left - 10, right - 20


@pytest.mark.parametrize("count", [1, 2, 5, 16])
def test_bands_add_up_to_the_whole(count: int) -> None:
    left, right = np.random.default_rng(0).integers(20, 256, (2, 143, 20, 3), np.uint8)

    found = derain_in_bands(darker, left, right, count)

    for ours, expected in zip(found, darker(left, right), strict=True):
        assert np.array_equal(ours, expected)


def test_bands_are_smaller_than_the_whole_and_fade_into_each_other() -> None:
    seen = []

    def numbered(left, right):
        seen.append(left.shape[0])
        return np.full_like(left, 100 * len(seen)), right

    left, right = np.zeros((2, 200, 4, 3), np.uint8)
    found, _ = derain_in_bands(numbered, left, right, 2)

    assert seen == [100, 100 + OVERLAP]
    column = found[:, 0, 0].astype(int)
    assert column[: 100 - OVERLAP].tolist() == [100] * (100 - OVERLAP)
    assert column[100:].tolist() == [200] * 100
    assert (np.diff(column) >= 0).all()
    assert np.diff(column).max() <= 4
