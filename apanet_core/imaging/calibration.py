"""A camera's calibration as plain numbers, in the terms of ROS: K, D, R and P.

A pixel's centre lies at whole coordinates, so an image made half as large has its pixel 0 where
0.5 was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError

Matrix = NDArray[np.float64]

COEFFICIENTS = {
    "plumb_bob": (4, 5, 8, 12, 14),
    "rational_polynomial": (4, 5, 8, 12, 14),
    "equidistant": (4,),
}
"""Distortion models, and how many coefficients OpenCV takes for each. Its own model has up to 14:
plumb_bob are the first 5 of them, rational_polynomial the first 8."""

ALIASES = {
    "": "plumb_bob",
    "radtan": "plumb_bob",
    "radial-tangential": "plumb_bob",
    "radial_tangential": "plumb_bob",
    "brown_conrady": "plumb_bob",
    "brown": "plumb_bob",
    "pinhole": "plumb_bob",
    "pinhole-radtan": "plumb_bob",
    "opencv": "plumb_bob",
    "rational": "rational_polynomial",
    "equi": "equidistant",
    "fisheye": "equidistant",
    "pinhole-equi": "equidistant",
    "kannala_brandt": "equidistant",
    "kannala_brandt4": "equidistant",
    "opencv_fisheye": "equidistant",
}
"""Names that Kalibr, drivers and other tools give these models."""


@dataclass(frozen=True)
class Calibration:
    """Intrinsics of one camera for images of one size.

    Args:
        width, height: size of the images, pixels.
        k: 3 x 3 camera matrix of the raw image, row by row, pixels.
        r: 3 x 3 rotation from the camera to the rectified camera, row by row.
        p: 3 x 4 projection of the rectified camera, row by row, pixels.
        distortion_model: one of `COEFFICIENTS` or `ALIASES`; any where `d` is empty or zero.
        d: coefficients of the distortion.
    """

    width: int
    height: int
    k: tuple[float, ...]
    r: tuple[float, ...]
    p: tuple[float, ...]
    distortion_model: str = "plumb_bob"
    d: tuple[float, ...] = ()

    @property
    def camera_matrix(self) -> Matrix:
        """K, `[3,3]`."""
        return np.reshape(np.array(self.k), (3, 3))

    @property
    def rotation(self) -> Matrix:
        """R, `[3,3]`."""
        return np.reshape(np.array(self.r), (3, 3))

    @property
    def projection(self) -> Matrix:
        """P, `[3,4]`."""
        return np.reshape(np.array(self.p), (3, 4))

    @property
    def distorted(self) -> bool:
        """Whether there is any distortion."""
        return any(self.d)

    @property
    def model(self) -> str:
        """The distortion model by its name in ROS; a name that nobody knows as it is."""
        name = self.distortion_model.strip().lower()
        return ALIASES.get(name, name)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """D as many as OpenCV takes: drivers send zeros beyond, or leave out those at the end."""
        known = COEFFICIENTS.get(self.model, ())
        used = max((number for number, value in enumerate(self.d, 1) if value), default=0)
        length = next((count for count in known if count >= used), len(self.d))
        return (*self.d[:length], *(0.0,) * (length - len(self.d)))

    @property
    def is_rectified(self) -> bool:
        """Whether its raw image is the rectified one already."""
        same_matrix = np.allclose(self.camera_matrix, self.projection[:, :3], atol=1e-6)
        return not self.distorted and same_matrix and np.allclose(self.rotation, np.eye(3))

    def check(self) -> None:
        """Raise ImageError, with what to do, unless an image can be rectified with this."""
        if not np.isfinite([*self.k, *self.r, *self.p, *self.d]).all():
            raise ImageError("The camera_info holds numbers that are not finite: calibrate anew.")
        if min(self.k[0], self.k[4]) <= 0:
            raise ImageError("The camera_info has no focal length in K: calibrate the camera.")
        if min(self.p[0], self.p[5]) <= 0:
            raise ImageError("The camera_info has no focal length in P: calibrate both cameras.")
        if not _is_rotation(self.rotation):
            raise ImageError("R of the camera_info is no rotation: calibrate both cameras.")
        if self.distorted:
            self._check_model()

    def cropped(self, left: float, top: float, width: int, height: int) -> Calibration:
        """Of a window of the image whose first pixel is at `left`, `top`."""
        move = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
        return self._transformed(move, width, height)

    def resized(self, width: int, height: int) -> Calibration:
        """Of the same image in another size."""
        x, y = width / self.width, height / self.height
        scale = np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])
        return self._transformed(scale, width, height)

    def rectified(self) -> Calibration:
        """Of the rectified image: no distortion, no rotation, and P's own camera matrix."""
        matrix = tuple(self.projection[:, :3].flat)
        identity = tuple(np.eye(3).flat)
        return replace(self, k=matrix, r=identity, distortion_model="plumb_bob", d=(0.0,) * 5)

    def _transformed(self, image: Matrix, width: int, height: int) -> Calibration:
        # Numbers that are not finite stay so, and `check` refuses them.
        with np.errstate(invalid="ignore", over="ignore"):
            k, p = image @ self.camera_matrix, image @ self.projection
        return replace(self, width=width, height=height, k=tuple(k.flat), p=tuple(p.flat))

    def _check_model(self) -> None:
        if self.model not in COEFFICIENTS:
            raise ImageError(
                f"The distortion model {self.distortion_model!r} is not known: calibrate with one "
                f"of {', '.join(COEFFICIENTS)}."
            )
        most = COEFFICIENTS[self.model][-1]
        if len(self.coefficients) > most:
            raise ImageError(
                f"{self.distortion_model} has up to {most} coefficients, the camera_info "
                f"{len(self.d)}: calibrate anew."
            )


def _is_rotation(matrix: Matrix) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-3))
