"""sensor_msgs/CameraInfo to calibrations and back, for the picture that goes with it."""

from __future__ import annotations

from copy import copy

from sensor_msgs.msg import CameraInfo, RegionOfInterest

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration

# Of one picture in another size, sides may be rounded to whole pixels.
_ROUNDING = 1.5


Size = tuple[int, int]
"""Width and height in pixels."""


def calibration_of(info: CameraInfo, size: Size | None = None) -> Calibration:
    """Return the calibration of an image that came with a camera_info.

    The region of interest and the binning are taken into account; where their size is not the
    image's, the image is taken for a resized one of the same view, as drivers and resizers send
    that leave the camera_info as it was.

    Args:
        info: as it came.
        size: of the image; None takes the camera_info's word for it.

    Raises:
        ImageError: the camera_info is for an image of other proportions.
    """
    calibration = _window(_whole(info), info)
    if size is None or size == (calibration.width, calibration.height):
        return calibration
    if not _same_view(calibration, *size):
        raise ImageError(
            f"The camera_info{_binning(info)} is for {calibration.width} x {calibration.height}, "
            f"the image {size[0]} x {size[1]}: let the driver send the camera_info of this image."
        )
    return calibration.resized(*size)


def rectified_camera_info(info: CameraInfo, size: Size | None = None) -> CameraInfo:
    """Return the camera_info of the rectified image: P as it is for this size, no distortion.

    Args:
        info: of the raw image.
        size: of both images; None takes the camera_info's word for it.

    Raises:
        ImageError: as `calibration_of`.
    """
    rectified = with_calibration(copy(info), calibration_of(info, size).rectified())
    rectified.binning_x = rectified.binning_y = 0
    rectified.roi = RegionOfInterest()
    return rectified


def resized_camera_info(info: CameraInfo, x: float, y: float) -> CameraInfo:
    """Return the camera_info of the same image, its width times `x` and its height times `y`."""
    whole = _whole(info)
    if x == y == 1 or not whole.width or not whole.height:
        return info
    resized = with_calibration(
        copy(info), whole.resized(round(whole.width * x), round(whole.height * y))
    )
    resized.roi = RegionOfInterest(
        x_offset=round(info.roi.x_offset * x),
        y_offset=round(info.roi.y_offset * y),
        width=round(info.roi.width * x),
        height=round(info.roi.height * y),
        do_rectify=info.roi.do_rectify,
    )
    return resized


def _whole(info: CameraInfo) -> Calibration:
    """Of the sensor's whole image at full resolution."""
    return Calibration(
        width=info.width,
        height=info.height,
        k=tuple(map(float, info.k)),
        r=tuple(map(float, info.r)),
        p=tuple(map(float, info.p)),
        distortion_model=info.distortion_model,
        d=tuple(map(float, info.d)),
    )


def _window(whole: Calibration, info: CameraInfo) -> Calibration:
    roi = info.roi
    if roi.width and roi.height:
        whole = whole.cropped(roi.x_offset, roi.y_offset, roi.width, roi.height)
    across, down = max(1, info.binning_x), max(1, info.binning_y)
    if across == down == 1 or not whole.width or not whole.height:
        return whole
    return whole.resized(whole.width // across, whole.height // down)


def _binning(info: CameraInfo) -> str:
    across, down = max(1, info.binning_x), max(1, info.binning_y)
    return "" if across == down == 1 else f" with its binning of {across} x {down}"


def _same_view(calibration: Calibration, width: int, height: int) -> bool:
    """Whether sides have the proportions of the calibration's, but for rounding."""
    if not calibration.width or not calibration.height:
        return False
    return abs(width * calibration.height / calibration.width - height) <= _ROUNDING or (
        abs(height * calibration.width / calibration.height - width) <= _ROUNDING
    )


def with_calibration(info: CameraInfo, calibration: Calibration) -> CameraInfo:
    """Put the numbers of a calibration into a camera_info, and return it."""
    info.width, info.height = calibration.width, calibration.height
    info.distortion_model = calibration.distortion_model
    info.k, info.r, info.p = calibration.k, calibration.r, calibration.p
    info.d = calibration.d
    return info
