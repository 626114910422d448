from __future__ import annotations

import numpy as np
import pytest

from apanet_core.downstream.odometry import (
    StereoOdometry,
    camera_matrix,
    camera_motion,
    follow_corners,
    triangulate,
)
from apanet_core.downstream.trajectory import measure_drift, motion, rotation_angle_deg
from apanet_core.imaging.disparity import match_disparity
from apanet_core.rain import StereoGeometry


def followed(poses, see, camera, disparity_of) -> StereoOdometry:
    odometry = StereoOdometry(camera)
    for pose in poses:
        view = see(pose)
        odometry.advance(view.left, disparity_of(view))
    return odometry


def test_a_known_drive_is_followed(see, camera, drive) -> None:
    odometry = followed(drive, see, camera, lambda view: view.disparity)

    drift = measure_drift(odometry.poses, drive)
    assert odometry.lost == 0
    assert odometry.poses.shape == (12, 4, 4)
    assert drift.translation < 0.03
    assert drift.rotation_deg_per_m < 0.06


def test_it_is_followed_with_matched_disparities_too(see, camera, drive) -> None:
    def matched(view):
        return match_disparity(view.left, view.right)

    odometry = followed(drive, see, camera, matched)

    assert odometry.lost == 0
    assert measure_drift(odometry.poses, drive).translation < 0.05


def test_every_step_has_the_right_direction(see, camera, drive) -> None:
    poses = followed(drive[:2], see, camera, lambda view: view.disparity).poses

    step = motion(poses, 0, 1)
    np.testing.assert_allclose(step[:3, 3], [0.01, 0, 0.5], atol=0.01)
    assert rotation_angle_deg(step[:3, :3]) == pytest.approx(0.8, abs=0.05)
    # To the right: the new forward axis has a part along the old right one.
    assert step[0, 2] > 0


def test_the_camera_goes_on_where_nothing_can_be_followed(see, camera, drive) -> None:
    odometry = followed(drive[:2], see, camera, lambda view: view.disparity)
    grey = np.full_like(see(drive[0]).left, 128)
    unknown = np.full(grey.shape[:2], np.nan, np.float32)

    odometry.advance(grey, unknown)
    odometry.advance(grey, unknown)

    assert odometry.lost == 2
    steps = [motion(odometry.poses, number, number + 1) for number in range(3)]
    np.testing.assert_allclose(steps[1], steps[0], atol=1e-9)
    np.testing.assert_allclose(steps[2], steps[0], atol=1e-9)


def test_corners_are_where_the_disparity_is_large_enough(see, drive) -> None:
    view = see(drive[0])
    before, after = (see(pose).left[..., 1].copy() for pose in drive[:2])
    near = view.disparity.copy()
    near[:, :160] = 3.9

    start, end = follow_corners(before, after, near)

    assert len(start) == len(end) > 50
    assert start[:, 0].min() >= 160


def test_points_are_triangulated_by_hand() -> None:
    camera = StereoGeometry(focal_px=100.0, baseline_m=0.5, center=(10.0, 5.0))
    disparity = np.full((11, 21), 10.0, np.float32)

    # Ten pixels of disparity are 100 x 0.5 / 10 = 5 m; ten pixels aside at 5 m are half a metre.
    points = triangulate(np.array([[10, 5], [20, 0]], np.float32), disparity, camera)

    np.testing.assert_allclose(points, [[0, 0, 5], [0.5, -0.25, 5]])


def test_motion_is_found_among_outliers() -> None:
    generator = np.random.default_rng(1)
    camera = camera_matrix(StereoGeometry(200.0, 0.5, (100.0, 50.0)), 100, 200)
    points = generator.uniform((-4, -2, 5), (4, 2, 20), (60, 3))
    moved = points - (0.1, 0.0, 0.8)
    pixels = (moved @ camera.T)[:, :2] / moved[:, 2:]
    pixels[:20] += generator.uniform(10, 30, (20, 2))

    pose = camera_motion(points, pixels.astype(np.float32), camera)

    assert pose is not None
    np.testing.assert_allclose(pose[:3, 3], [0.1, 0, 0.8], atol=1e-3)
    np.testing.assert_allclose(pose[:3, :3], np.eye(3), atol=1e-4)


def test_too_few_points_give_no_motion() -> None:
    camera = camera_matrix(StereoGeometry(), 100, 200)

    assert camera_motion(np.ones((11, 3)), np.ones((11, 2), np.float32), camera) is None
    scattered = np.random.default_rng(0).uniform(1, 50, (40, 3))
    pixels = np.random.default_rng(1).uniform(0, 100, (40, 2)).astype(np.float32)
    assert camera_motion(scattered, pixels, camera) is None
