from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from apanet_core.downstream.trajectory import (
    measure_drift,
    rotation_angle_deg,
    stretch_lengths,
    travelled_m,
)


def straight(count: int, step_m: float, turn_deg: float = 0.0) -> np.ndarray:
    """Poses that go forward and turn to the right at every step."""
    step = np.eye(4)
    step[:3, :3] = cv2.Rodrigues(np.array([0.0, np.radians(turn_deg), 0.0]))[0]
    step[2, 3] = step_m
    poses = [np.eye(4)]
    for _ in range(count - 1):
        poses.append(poses[-1] @ step)
    return np.stack(poses)


def test_a_tenth_too_far_drifts_by_a_tenth_of_every_stretch() -> None:
    drift = measure_drift(straight(13, 1.1), straight(13, 1.0))

    assert drift.by_length == {5: (pytest.approx(0.1), 0.0), 10: (pytest.approx(0.1), 0.0)}
    # Of 12 m: stretches of 5 m begin at frames 0 to 7, of 10 m at 0 to 2.
    assert drift.stretches == 8 + 3
    assert drift.translation == pytest.approx(0.1)
    assert drift.rotation_deg_per_m == 0
    assert drift.end_m == pytest.approx(1.2)


def test_a_turn_too_many_counts_per_metre() -> None:
    drift = measure_drift(straight(11, 1.0, 0.5), straight(11, 1.0))

    assert drift.rotation_deg_per_m == pytest.approx(0.5)
    assert drift.by_length[10][1] == pytest.approx(0.5)
    # After 5 steps that turn by half a degree each the camera is beside the line by
    # sin 0.5 + sin 1 + sin 1.5 + sin 2 degrees, about 0.087 m of 5.
    assert drift.by_length[5][0] == pytest.approx(0.087 / 5, abs=0.0005)


def test_only_the_motion_counts_and_not_where_it_begins() -> None:
    moved = np.eye(4)
    moved[:3, :3] = cv2.Rodrigues(np.array([0.1, 2.0, 0.3]))[0]
    moved[:3, 3] = (100.0, 3.0, -7.0)
    poses = straight(8, 1.0, 2.0)

    drift = measure_drift(moved @ poses, poses)

    assert drift.translation == pytest.approx(0, abs=1e-9)
    assert drift.end_m == pytest.approx(0, abs=1e-9)


def test_a_way_too_short_has_no_drift() -> None:
    drift = measure_drift(straight(4, 1.5), straight(4, 1.0))

    assert math.isnan(drift.translation)
    assert drift.stretches == 0
    assert drift.end_m == pytest.approx(1.5)


def test_lengths_are_those_of_kitti_where_the_way_is_long_enough() -> None:
    assert stretch_lengths(4.9) == ()
    assert stretch_lengths(42.0) == (5, 10, 15, 20, 25, 30, 35, 40)
    assert stretch_lengths(99.0)[-1] == 95
    assert stretch_lengths(350.0) == (100, 200, 300)
    assert stretch_lengths(5000.0) == (100, 200, 300, 400, 500, 600, 700, 800)


def test_the_way_is_added_up_along_a_corner() -> None:
    poses = np.tile(np.eye(4), (3, 1, 1))
    poses[1, :3, 3] = (0, 0, 3)
    poses[2, :3, 3] = (4, 0, 3)

    assert travelled_m(poses).tolist() == [0, 3, 7]


def test_the_angle_of_a_rotation() -> None:
    assert rotation_angle_deg(np.eye(3)) == 0
    quarter = cv2.Rodrigues(np.array([0.0, 0.0, math.pi / 2]))[0]
    assert rotation_angle_deg(quarter) == pytest.approx(90)
