"""Rectifies pictures by their camera's calibration; the maps are kept while it stays the same."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration
from apanet_core.imaging.types import AnyPicture

RectifyMaps = tuple[NDArray[np.int16], NDArray[np.uint16]]


class Rectifier:
    """Rectifies the pictures of one camera."""

    def __init__(self) -> None:
        self._calibration: Calibration | None = None
        self._maps: RectifyMaps | None = None

    def rectify(self, picture: AnyPicture, calibration: Calibration) -> AnyPicture:
        """Return the picture as the rectified camera P sees it, black where nothing was.

        Args:
            picture: uint8 or uint16 RGB `[H,W,3]`; returned itself where the calibration says that
                it is rectified already.
            calibration: for this size.

        Raises:
            ImageError: the calibration cannot be used, or is for another size.
        """
        if calibration != self._calibration:
            self._maps = rectify_maps(calibration)
            self._calibration = calibration
        if picture.shape[:2] != (calibration.height, calibration.width):
            raise ImageError(
                f"The image is {picture.shape[1]} x {picture.shape[0]}, its calibration for "
                f"{calibration.width} x {calibration.height}."
            )
        if self._maps is None:
            return picture
        return cast("AnyPicture", cv2.remap(picture, *self._maps, cv2.INTER_LINEAR))


def rectify_maps(calibration: Calibration) -> RectifyMaps | None:
    """Return OpenCV's fixed-point maps; None where the image is rectified already.

    Raises:
        ImageError: the calibration cannot be used.
    """
    calibration.check()
    if calibration.is_rectified:
        return None
    undistort = (
        cv2.fisheye.initUndistortRectifyMap
        if calibration.distorted and calibration.model == "equidistant"
        else cv2.initUndistortRectifyMap
    )
    try:
        coordinates, fractions = undistort(
            calibration.camera_matrix,
            np.array(calibration.coefficients if calibration.distorted else (0.0,) * 4),
            calibration.rotation,
            calibration.projection[:, :3],
            (calibration.width, calibration.height),
            cv2.CV_16SC2,
        )
    except cv2.error as error:
        raise ImageError("OpenCV cannot rectify with this camera_info: calibrate anew.") from error
    return np.asarray(coordinates, np.int16), np.asarray(fractions, np.uint16)
