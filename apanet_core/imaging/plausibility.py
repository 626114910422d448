"""Numbers of a calibration that no usual camera has, for images of its size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.imaging.calibration import Calibration

FOCAL_WIDTHS = 0.2, 20.0
"""Focal lengths of usual lenses, in widths of their images."""
_CENTRE_PARTS = 0.3, 0.7
_GRID = 33
_LEAST_PART = 0.2


def implausible(calibration: Calibration) -> str:
    """Return a sentence, with what to do, on what is hard to believe; empty where nothing is.

    Cropped images of a camera_info that was left as it is have such numbers, too.
    """
    size = calibration.width, calibration.height
    for name, matrix in (("K", calibration.camera_matrix), ("P", calibration.projection)):
        for focal in (float(matrix[0, 0]), float(matrix[1, 1])):
            if not FOCAL_WIDTHS[0] <= focal / size[0] <= FOCAL_WIDTHS[1]:
                return (
                    f"{name} has a focal length of {focal:.1f} px for images {size[0]} px wide, "
                    "which no usual lens has: calibrate anew."
                )
        centre = float(matrix[0, 2]), float(matrix[1, 2])
        parts = [place / side for place, side in zip(centre, size, strict=True)]
        if not all(_CENTRE_PARTS[0] <= part <= _CENTRE_PARTS[1] for part in parts):
            return (
                f"{name} has its centre at ({centre[0]:.0f}, {centre[1]:.0f}) in images of "
                f"{size[0]} x {size[1]}: look whether they were calibrated in another size, "
                "binning or part of the image."
            )
    return ""


def shows_little(calibration: Calibration) -> bool:
    """Whether the rectified image would show hardly anything of the raw one, or a speck of it.

    Args:
        calibration: one that passes `Calibration.check`.
    """
    places = _raw_places(calibration) / (calibration.width, calibration.height)
    inside = places[((places >= 0) & (places <= 1)).all(axis=1)]
    if len(inside) < _LEAST_PART * _GRID**2:
        return True
    return bool((np.ptp(inside, axis=0) < _LEAST_PART).any())


def _raw_places(calibration: Calibration) -> NDArray[np.float64]:
    """Where points of a grid over the rectified image lie in the raw one, `[N,2]`, pixels."""
    columns, rows = np.meshgrid(
        np.linspace(0, calibration.width, _GRID), np.linspace(0, calibration.height, _GRID)
    )
    pixels = np.stack([columns, rows, np.ones_like(rows)]).reshape(3, -1)
    still = np.zeros(3)
    coefficients = calibration.coefficients if calibration.distorted else (0.0,) * 4
    fisheye = calibration.distorted and calibration.model == "equidistant"
    lens = cv2.fisheye if fisheye else cv2
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            rays = calibration.rotation.T @ np.linalg.inv(calibration.projection[:, :3]) @ pixels
        rays = rays[:, rays[2] > 0]
        if not rays.size:
            return np.empty((0, 2))
        places, _ = lens.projectPoints(
            np.ascontiguousarray(rays.T)[:, None],
            still,
            still,
            calibration.camera_matrix,
            np.array(coefficients),
        )
    except (np.linalg.LinAlgError, cv2.error):
        return np.empty((0, 2))
    return np.reshape(np.asarray(places, np.float64), (-1, 2))
