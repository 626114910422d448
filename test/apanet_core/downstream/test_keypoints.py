from __future__ import annotations

import numpy as np

from apanet_core.downstream.keypoints import (
    MOST_KEYPOINTS,
    detect_keypoints,
    differing_bits,
    mutually_nearest,
)


def test_keypoints_lie_on_the_motorcycle(motorcycle) -> None:
    found = detect_keypoints(motorcycle[0])

    assert 1000 < len(found.points) <= MOST_KEYPOINTS
    assert found.points.dtype == np.float32
    assert found.descriptors.shape == (len(found.points), 32)
    assert (found.points >= 0).all()
    assert (found.points < (741, 500)).all()


def test_flat_and_tiny_pictures_have_none() -> None:
    for picture in (np.full((80, 90, 3), 7, np.uint8), np.zeros((8, 8, 3), np.uint8)):
        found = detect_keypoints(picture)
        assert found.points.shape == (0, 2)
        assert found.descriptors.shape == (0, 32)


def test_pairs_are_each_others_nearest_and_near_enough() -> None:
    inf = np.inf
    distances = np.array([[1.0, 5.0, inf], [2.0, 9.0, inf], [8.0, 3.0, inf]])

    # 0 and 0 are each other's nearest, 2 and 1 too; 1 would rather have 0, which has 0.
    assert mutually_nearest(distances, 10.0).tolist() == [[0, 0], [2, 1]]
    assert mutually_nearest(distances, 2.0).tolist() == [[0, 0]]
    assert mutually_nearest(np.full((2, 2), inf), 10.0).tolist() == []
    assert mutually_nearest(np.empty((0, 3)), 10.0).shape == (0, 2)


def test_bits_are_counted() -> None:
    first = np.array([[0b1111, 0], [0, 1]], np.uint8)
    second = np.array([[0b0101, 0]], np.uint8)

    assert differing_bits(first, second).tolist() == [[2], [3]]
