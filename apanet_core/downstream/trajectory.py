"""Poses of a camera over time, and how fast one trajectory drifts away from another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apanet_core.evaluation.quality import known_mean

Poses = NDArray[np.float64]
"""`[N,4,4]`: from a camera's coordinates (right, down, forward; metres) to the first camera's."""

KITTI_LENGTHS_M = tuple(range(100, 900, 100))
SHORT_LENGTHS_M = tuple(range(5, 100, 5))


@dataclass(frozen=True)
class Drift:
    """Mean drift over stretches of a trajectory, as KITTI's odometry benchmark measures it.

    Attributes:
        translation: error of the position at a stretch's end, as a share of its length.
        rotation_deg_per_m: error of the heading there, over its length.
        by_length: the same two for every length of stretch, in metres.
        stretches: how many were measured.
        end_m: how far apart the trajectories end, metres.
    """

    translation: float
    rotation_deg_per_m: float
    by_length: dict[int, tuple[float, float]]
    stretches: int
    end_m: float


def measure_drift(estimated: Poses, reference: Poses) -> Drift:
    """Compare two trajectories of the same frames over every stretch of some lengths.

    A stretch may begin at every frame. Lengths are KITTI's, 100 to 800 m, where the reference is
    at least 100 m long, and else 5, 10, ... up to its own length; see `stretch_lengths`.

    Args:
        estimated, reference: `[N,4,4]` each; only motion counts, not where they begin.

    Returns:
        Drift; NaN where the reference is too short for any stretch.
    """
    travelled = travelled_m(reference)
    by_length: dict[int, list[tuple[float, float]]] = {}
    for length in stretch_lengths(float(travelled[-1])):
        ends = np.searchsorted(travelled, travelled + length)
        by_length[length] = [
            _error(estimated, reference, start, end, length)
            for start, end in enumerate(ends)
            if end < len(travelled)
        ]
    errors = [error for found in by_length.values() for error in found]
    last = len(reference) - 1
    apart = np.linalg.inv(motion(reference, 0, last)) @ motion(estimated, 0, last)
    return Drift(
        *_mean(errors),
        {length: _mean(found) for length, found in by_length.items()},
        len(errors),
        float(np.linalg.norm(apart[:3, 3])),
    )


def stretch_lengths(total_m: float) -> tuple[int, ...]:
    """Return the lengths of stretches, metres, to measure on a trajectory of this length."""
    lengths = KITTI_LENGTHS_M if total_m >= KITTI_LENGTHS_M[0] else SHORT_LENGTHS_M
    return tuple(length for length in lengths if length <= total_m)


def travelled_m(poses: Poses) -> NDArray[np.float64]:
    """Return how far the camera has come at each frame, `[N]`, metres; 0 at the first."""
    steps = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def motion(poses: Poses, start: int, end: int) -> NDArray[np.float64]:
    """Return the pose of frame `end` as frame `start` sees it, `[4,4]`."""
    return np.asarray(np.linalg.inv(poses[start]) @ poses[end], np.float64)


def rotation_angle_deg(rotation: NDArray[np.float64]) -> float:
    """Return by how many degrees a rotation `[3,3]` turns."""
    return float(np.degrees(np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))))


def _error(
    estimated: Poses, reference: Poses, start: int, end: int, length: int
) -> tuple[float, float]:
    apart = np.linalg.inv(motion(reference, start, end)) @ motion(estimated, start, end)
    offset = float(np.linalg.norm(apart[:3, 3]))
    return offset / length, rotation_angle_deg(apart[:3, :3]) / length


def _mean(errors: list[tuple[float, float]]) -> tuple[float, float]:
    translations, rotations = zip(*errors, strict=True) if errors else ((), ())
    return known_mean(translations), known_mean(rotations)
