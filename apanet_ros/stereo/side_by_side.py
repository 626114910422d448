"""Images that hold both views side by side, the left one in the left half."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace

import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest

from apanet_core.errors import ImageError
from apanet_core.streaming.pairing import Side
from apanet_ros.image_conversion import ENCODINGS, ImageMessage, read_rgb
from apanet_ros.image_conversion.encodings import Layout, Pixels
from apanet_ros.image_conversion.pixels import view_pixels
from apanet_ros.stereo.camera_info import calibration_of, with_calibration
from apanet_ros.stereo.stereo_conversion import StereoConversion, Views
from apanet_ros.stereo.stereo_input import StereoInput, StereoPair


def image_halves(message: ImageMessage) -> tuple[Image, Image]:
    """Return the left and the right view of an image, each with its header.

    Pixels stay as they are where the encoding can be cut there; else, and of compressed images,
    views are rgb8 or rgb16. Of an odd width the middle column belongs to neither.

    Raises:
        ImageError: the image cannot be read, or is less than two pixels wide.
    """
    if isinstance(message, CompressedImage) or not _can_be_cut(message):
        return _halves_of(message, read_rgb(message))
    view_pixels(message)  # Raises where size, step and data do not agree.
    encoding = ENCODINGS[message.encoding]
    rows = np.frombuffer(message.data, np.uint8).reshape(-1, message.step)
    pixel = encoding.row_bytes(1)
    half = message.width // 2
    views = rows[:, : half * pixel], rows[:, (message.width - half) * pixel :][:, : half * pixel]
    left, right = (_image(message, view, message.encoding, half) for view in views)
    return left, right


def camera_info_halves(info: CameraInfo) -> tuple[CameraInfo, CameraInfo]:
    """Return the camera_infos of both views, given that of the image that holds both.

    Widths are halved, and the right one's centre is counted from its own first column. Binning and
    region of interest are in the numbers then.
    """
    whole = calibration_of(info)
    half = whole.width // 2
    views = []
    for first in (0, whole.width - half):
        view = with_calibration(copy(info), whole.cropped(first, 0, half, whole.height))
        view.binning_x = view.binning_y = 0
        view.roi = RegionOfInterest()
        views.append(view)
    return views[0], views[1]


class SideBySideInput:
    """Hands each image to a `StereoInput` as both of its cameras'; it is cut where it is read.

    Args:
        stereo: gets the same message from either side, and the camera_info of each view.
    """

    def __init__(self, stereo: StereoInput) -> None:
        self._stereo = stereo
        self._width = 0
        self._own: set[Side] = set()

    def take_image(self, message: ImageMessage) -> None:
        """Take in one image of both views."""
        self._width = message.width if isinstance(message, Image) else 0
        for side in Side:
            self._stereo.take_image(side, message)

    def take_camera_info(self, message: CameraInfo) -> None:
        """Take in the camera_info of the image; one that is half as wide is that of each view."""
        of_a_view = self._width and calibration_of(message).width == self._width // 2
        infos = (message, message) if of_a_view else camera_info_halves(message)
        for side, info in zip(Side, infos, strict=True):
            if side not in self._own:
                self._stereo.take_camera_info(side, info)

    def take_view_camera_info(self, side: Side, message: CameraInfo) -> None:
        """Take in the camera_info of one view, which from now on goes before that of the image."""
        self._own.add(side)
        self._stereo.take_camera_info(side, message)


class SideBySideConversion(StereoConversion):
    """Reads and writes pairs whose left and right message are one image of both views."""

    _whole: StereoPair | None = None
    _halves: StereoPair | None = None

    def read(self, pair: StereoPair) -> Views:
        return super().read(self._cut(pair))

    def write(
        self, pair: StereoPair, views: Views, sides: Iterable[Side] = Side
    ) -> dict[Side, ImageMessage]:
        return super().write(self._cut(pair), views, sides)

    def forward(
        self, pair: StereoPair, sides: Iterable[Side] = Side, views: Views | None = None
    ) -> dict[Side, ImageMessage]:
        return super().forward(self._cut(pair), sides, views)

    def _cut(self, pair: StereoPair) -> StereoPair:
        """Return the pair with a view in place of each image; the last one is remembered."""
        if self._halves is None or (pair is not self._whole and pair is not self._halves):
            left, right = image_halves(pair.left.message)
            self._whole = pair
            self._halves = replace(
                pair,
                left=replace(pair.left, message=left),
                right=replace(pair.right, message=right),
            )
        return self._halves


def _can_be_cut(message: Image) -> bool:
    """Whether views are whole pixels, pairs of them where these share chroma or colours."""
    encoding = ENCODINGS.get(message.encoding)
    if encoding is None or message.width < 2:
        return False
    return encoding.layout is Layout.PACKED or message.width % 4 == 0


def _halves_of(message: ImageMessage, picture: Pixels) -> tuple[Image, Image]:
    width = picture.shape[1]
    half = width // 2
    if not half:
        raise ImageError(f"An image {width} px wide holds no two views side by side.")
    encoding = f"rgb{8 * picture.itemsize}"
    left, right = (
        _image(message, np.ascontiguousarray(view), encoding, half)
        for view in (picture[:, :half], picture[:, width - half :])
    )
    return left, right


def _image(like: ImageMessage, rows: Pixels, encoding: str, width: int) -> Image:
    """Return rows of bytes or of pixels as the message of a view."""
    samples = ENCODINGS[encoding]
    step = samples.row_bytes(width)
    height = rows.shape[0] * 2 // 3 if samples.layout is Layout.YUV420 else rows.shape[0]
    image = Image(header=like.header, height=height, width=width, encoding=encoding, step=step)
    if isinstance(like, Image) and like.encoding == encoding:
        image.is_bigendian = like.is_bigendian
    image.data.frombytes(np.ascontiguousarray(rows).view(np.uint8).data)
    return image
