"""Stereo visual odometry from one frame to the next."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.downstream.keypoints import Points
from apanet_core.downstream.stereo_features import disparity_at
from apanet_core.downstream.trajectory import Poses
from apanet_core.imaging.types import ByteImage, FloatMap
from apanet_core.rain import StereoGeometry

MOST_CORNERS = 1500
CORNERS_APART_PX = 8
RETURN_PX = 1.0
"""A corner is followed where tracking it there and back ends within this distance."""
NEAREST_PX = 4.0
"""Disparity under which a point is too far away for its depth to be known."""
INLIER_PX = 1.5
FEWEST_INLIERS = 12

Matrix = NDArray[np.float64]


class StereoOdometry:
    """Follows one stereo camera.

    Corners (Shi and Tomasi) of the left picture get their depth from the disparity, are tracked
    into the next left picture (Lucas and Kanade), and the motion that explains them is found by
    perspective from points within RANSAC. Where too little can be followed, the camera is taken
    to move on as before.

    Args:
        camera: focal length, baseline and principal point.

    Attributes:
        camera: as given.
        lost: how many steps could not be measured.
    """

    def __init__(self, camera: StereoGeometry) -> None:
        self.lost = 0
        self.camera = camera
        self._poses: list[Matrix] = [np.eye(4)]
        self._step: Matrix = np.eye(4)
        self._before: tuple[ByteImage, FloatMap] | None = None

    @property
    def poses(self) -> Poses:
        """One pose for every frame so far, `[N,4,4]`."""
        return np.stack(self._poses)

    def advance(self, left: ByteImage, disparity: FloatMap) -> None:
        """Take the next frame.

        Args:
            left: uint8 RGB `[H,W,3]`, of one size throughout.
            disparity: of the left view, float32 `[H,W]`, pixels; NaN where unknown.
        """
        grey = np.asarray(cv2.cvtColor(left, cv2.COLOR_RGB2GRAY), np.uint8)
        if self._before is not None:
            self._take_step(grey, *self._before)
        self._before = grey, disparity

    def _take_step(self, grey: ByteImage, before: ByteImage, disparity: FloatMap) -> None:
        start, end = follow_corners(before, grey, disparity)
        camera = camera_matrix(self.camera, *grey.shape)
        step = camera_motion(triangulate(start, disparity, self.camera), end, camera)
        self.lost += step is None
        self._step = self._step if step is None else step
        self._poses.append(self._poses[-1] @ self._step)


def follow_corners(
    before: ByteImage, after: ByteImage, disparity: FloatMap
) -> tuple[Points, Points]:
    """Return corners of the grey picture `before` and where they are in `after`, `[N,2]` each.

    Only corners whose disparity is known, and of at least `NEAREST_PX`, are taken.
    """
    start = _corners(before, np.asarray(np.nan_to_num(disparity) >= NEAREST_PX, np.uint8))
    if not len(start):
        return start, start
    end, found = _tracked(before, after, start)
    returned, found_back = _tracked(after, before, end)
    kept = found & found_back & (np.linalg.norm(returned - start, axis=1) <= RETURN_PX)
    return start[kept], end[kept]


def _corners(grey: ByteImage, where: NDArray[np.uint8]) -> Points:
    found: Any = cv2.goodFeaturesToTrack(grey, MOST_CORNERS, 0.01, CORNERS_APART_PX, mask=where)
    return np.empty((0, 2), np.float32) if found is None else found.reshape(-1, 2)


def _tracked(
    first: ByteImage, second: ByteImage, points: Points
) -> tuple[Points, NDArray[np.bool_]]:
    """Return where `points` of the first picture are in the second, and whether they were found."""
    moved, found, _ = cv2.calcOpticalFlowPyrLK(first, second, points, points.copy())
    return np.asarray(moved, np.float32), np.asarray(found).ravel() == 1


def triangulate(points: Points, disparity: FloatMap, camera: StereoGeometry) -> Matrix:
    """Return where points of the left picture are: `[N,3]`, right, down, forward, metres."""
    center_x, center_y = camera.center_of(*disparity.shape)
    depth = camera.disparity_at_one_metre / disparity_at(disparity, points).astype(np.float64)
    across, down = points[:, 0] - center_x, points[:, 1] - center_y
    return np.stack([across, down, np.full_like(depth, camera.focal_px)], 1) * (
        depth[:, None] / camera.focal_px
    )


def camera_motion(points: Matrix, pixels: Points, camera: Matrix) -> Matrix | None:
    """Return the later camera's pose as the earlier one sees it, `[4,4]`.

    Args:
        points: as the earlier camera sees them, `[N,3]`, metres.
        pixels: where the later camera sees them, `[N,2]`.
        camera: 3 x 3 camera matrix.

    Returns:
        The pose; None where fewer than `FEWEST_INLIERS` points agree on one.
    """
    if len(points) < FEWEST_INLIERS:
        return None
    found, turn, shift, inliers = cv2.solvePnPRansac(
        points, pixels.astype(np.float64), camera, None,
        iterationsCount=300, reprojectionError=INLIER_PX, confidence=0.999,
    )  # fmt: skip
    if not found or inliers is None or len(inliers) < FEWEST_INLIERS:
        return None
    agreed = inliers.ravel()
    turn, shift = cv2.solvePnPRefineLM(
        points[agreed], pixels[agreed].astype(np.float64), camera, None, turn, shift
    )
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = cv2.Rodrigues(turn)[0], shift.ravel()
    return np.asarray(np.linalg.inv(view), np.float64)


def camera_matrix(camera: StereoGeometry, height: int, width: int) -> Matrix:
    """Return the 3 x 3 camera matrix of both rectified views."""
    center_x, center_y = camera.center_of(height, width)
    focal = camera.focal_px
    return np.array([[focal, 0.0, center_x], [0.0, focal, center_y], [0.0, 0.0, 1.0]])
