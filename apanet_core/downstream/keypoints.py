"""ORB keypoints of a picture, and which of two sets belong together."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.imaging.types import ByteImage

MOST_KEYPOINTS = 2000
"""As in ORB-SLAM on KITTI."""
SMALLEST_SIDE = 64
"""ORB fails on pictures that its smallest scale makes vanish."""

Points = NDArray[np.float32]
"""Positions: float32 `[N,2]`, column and row, pixels."""
Indices = NDArray[np.intp]
"""Which of the first set belongs to which of the second: `[M,2]`."""


class Keypoints(NamedTuple):
    """Positions `[N,2]` and binary descriptors, uint8 `[N,32]`, of 256 bits each."""

    points: Points
    descriptors: NDArray[np.uint8]


def detect_keypoints(picture: ByteImage) -> Keypoints:
    """Return the strongest ORB keypoints of uint8 RGB `[H,W,3]`, none of a tiny picture."""
    if min(picture.shape[:2]) < SMALLEST_SIDE:
        return Keypoints(np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    found, descriptors = cv2.ORB.create(nfeatures=MOST_KEYPOINTS).detectAndCompute(grey, None)
    points = np.array([point.pt for point in found], np.float32).reshape(-1, 2)
    # OpenCV gives no array at all where it finds nothing.
    return Keypoints(points, np.asarray(descriptors if found else [], np.uint8).reshape(-1, 32))


def mutually_nearest(distances: NDArray[np.floating], largest: float) -> Indices:
    """Return the pairs that are each other's nearest, and no farther than `largest`.

    Args:
        distances: `[N,M]`, from each of the first set to each of the second; infinite where the
            two cannot belong together.
        largest: in the unit of the distances.
    """
    if not distances.size:
        return np.empty((0, 2), np.intp)
    there, back = distances.argmin(axis=1), distances.argmin(axis=0)
    first = np.arange(len(there))
    kept = (back[there] == first) & (distances[first, there] <= largest)
    return np.stack([first[kept], there[kept]], axis=1)


def differing_bits(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return in how many bits each descriptor `[N,32]` differs from each of `[M,32]`: `[N,M]`."""
    ones, others = (np.unpackbits(codes, axis=1).astype(np.float32) for codes in (first, second))
    bits = ones.sum(axis=1)[:, None] + others.sum(axis=1)[None, :] - 2 * ones @ others.T
    return np.asarray(bits, np.float32)
