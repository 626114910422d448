"""Trajectories in files, as KITTI's odometry benchmark keeps them: twelve numbers a frame."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from apanet_core.downstream.trajectory import Poses
from apanet_core.errors import ImageError


def read_poses(path: Path, count: int) -> Poses:
    """Read the poses of `count` frames: a line each, the upper three rows of the 4 x 4 pose.

    Raises:
        ImageError: the file is missing, holds something else or another number of poses.
    """
    if not path.is_file():
        raise ImageError(f"No poses {path}: check the path.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # an empty file, refused below
            rows = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise ImageError(f"Cannot read {path} as poses: {_one_line(error)}.") from error
    if rows.size and rows.shape[1] != 12:
        raise ImageError(f"{path} has {rows.shape[1]} numbers a line; KITTI's poses have 12.")
    if len(rows) != count or not np.isfinite(rows).all():
        raise ImageError(
            f"{path} holds {len(rows)} poses for {count} pairs: each pair needs a finite one."
        )
    poses = np.tile(np.eye(4), (count, 1, 1))
    poses[:, :3] = rows.reshape(-1, 3, 4)
    return poses


def poses_text(poses: Poses) -> str:
    """Return poses `[N,4,4]` as the text of such a file."""
    lines = (" ".join(f"{value:.9g}" for value in pose[:3].flat) for pose in poses)
    return "\n".join(lines) + "\n"


def _one_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".;")
