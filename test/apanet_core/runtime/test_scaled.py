"""Deraining a smaller copy: what it keeps, and what it takes away."""

from __future__ import annotations

import numpy as np
import pytest

from apanet_core.imaging.types import ByteImage
from apanet_core.runtime.scaled import derain_scaled

RANDOM = np.random.default_rng(8)
LEFT, RIGHT = RANDOM.integers(0, 256, (2, 48, 64, 3), np.uint8)


def keep(left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]:
    return left.copy(), right.copy()


def test_at_full_size_the_pair_itself_is_derained() -> None:
    seen = []
    derain_scaled(lambda left, right: seen.append((left, right)) or (left, right), LEFT, RIGHT, 1.0)  # type: ignore[func-returns-value]
    assert seen[0][0] is LEFT
    assert seen[0][1] is RIGHT


@pytest.mark.parametrize("scale", [0.5, 0.75, 0.01])
def test_a_network_that_changes_nothing_leaves_every_detail(scale: float) -> None:
    left, right = derain_scaled(keep, LEFT, RIGHT, scale)
    np.testing.assert_array_equal(left, LEFT)
    np.testing.assert_array_equal(right, RIGHT)
    assert left is not LEFT


def test_what_the_network_takes_from_the_copy_is_taken_from_the_picture() -> None:
    sizes = []

    def darken(left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]:
        sizes.append(left.shape)
        return left - np.minimum(left, 40), right

    gray = np.full((47, 65, 3), 100, np.uint8)
    left, right = derain_scaled(darken, gray, gray, 0.5)
    assert sizes == [(24, 32, 3)]
    assert (left == 60).all()
    assert (right == 100).all()
    dark = np.full((48, 64, 3), 10, np.uint8)
    assert (derain_scaled(darken, dark, dark, 0.5)[0] == 0).all(), "no byte runs over"


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_sixteen_bits_change_as_eight_do(scale: float) -> None:
    deep = [view.astype(np.uint16) * 257 for view in (LEFT, RIGHT)]

    found, _ = derain_scaled(_shade, *deep, scale)

    expected, _ = derain_scaled(_shade, LEFT, RIGHT, scale)
    assert found.dtype == np.uint16
    assert np.abs(found / 257 - expected).max() < 2.1


def _shade(left, right):
    return left - left // 4, right
