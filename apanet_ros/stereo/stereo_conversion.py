"""Pairs of messages to pairs of pictures and back; both ways follow one set of options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage

from apanet_core.errors import ImageError
from apanet_core.imaging.rectification import Rectifier
from apanet_core.imaging.types import Picture
from apanet_core.imaging.white_level import WhiteLevel
from apanet_core.streaming.pairing import Side
from apanet_ros.image_conversion import (
    ImageMessage,
    answered_unchanged,
    read_samples,
    write_compressed,
    write_rgb,
)
from apanet_ros.stamps import nanoseconds
from apanet_ros.stereo.camera_info import (
    Size,
    calibration_of,
    rectified_camera_info,
    resized_camera_info,
)
from apanet_ros.stereo.stereo_input import StereoPair

Views = tuple[Picture, Picture]
"""Left and right picture, RGB `[H,W,3]` of one size: both uint8, or uint16 of full range."""

RAW = "raw"


@dataclass(frozen=True)
class ConversionOptions:
    """How pictures go out, and whether they are rectified on the way in.

    Attributes:
        encoding: "same" or one of OUTPUT_ENCODINGS.
        transport: "raw", "jpeg" or "png".
        jpeg_quality: 1 to 100.
        scale: side of the output over that of the input, above 0 to 1.
        rectify: whether inputs are raw and their camera_info tells how to rectify them.
        bits: in use, of inputs of 16 bits; 0 finds them: they grow with the brightest image.
    """

    encoding: str = "same"
    transport: str = RAW
    jpeg_quality: int = 95
    scale: float = 1.0
    rectify: bool = False
    bits: int = 0


class StereoConversion:
    """Reads and writes pairs. One thread uses it, the worker's.

    Args:
        options: as above.
        find_camera_info: the info of a side for a stamp in nanoseconds, or None.
    """

    def __init__(
        self,
        options: ConversionOptions,
        find_camera_info: Callable[[Side, int], CameraInfo | None],
    ) -> None:
        self._options = options
        self._find_camera_info = find_camera_info
        self._rectifiers = {side: Rectifier() for side in Side}
        self._level = WhiteLevel(options.bits)
        self._size: Size | None = None

    def read(self, pair: StereoPair) -> Views:
        """Return the pictures of a pair, rectified if so chosen.

        Raises:
            ImageError: one cannot be read or rectified, or they differ in size.
        """
        samples = [self._read(side, pair.frame(side).message) for side in Side]
        views = zip(Side, self._level.pictures(samples), strict=True)
        left, right = (self._rectified(side, pair, view) for side, view in views)
        if left.shape != right.shape:
            raise ImageError(
                f"Left is {left.shape[1]} x {left.shape[0]}, right {right.shape[1]} x "
                f"{right.shape[0]}: both must have one size, so rectify them alike."
            )
        self._size = left.shape[1], left.shape[0]
        return left, right

    def write(
        self, pair: StereoPair, views: Views, sides: Iterable[Side] = Side
    ) -> dict[Side, ImageMessage]:
        """Return the messages of some sides' pictures, which were made from a pair.

        Raises:
            ImageError: a picture cannot be written as chosen.
        """
        pictures = dict(zip(Side, views, strict=True))
        return {side: self._write(pictures[side], pair.frame(side).message) for side in sides}

    def forward(
        self, pair: StereoPair, sides: Iterable[Side] = Side, views: Views | None = None
    ) -> dict[Side, ImageMessage]:
        """Return the messages of some sides for a pair that goes out as it came.

        They are those that came where these are as outputs should be; else they are converted.

        Args:
            pair: as it came.
            sides: those to send.
            views: its pictures, where they were read before.

        Raises:
            ImageError: a picture cannot be converted.
        """
        messages = {side: pair.frame(side).message for side in sides}
        if all(map(self._is_as_chosen, messages.values())):
            return messages
        return self.write(pair, views or self.read(pair), messages)

    def camera_info(self, side: Side, stamp: int) -> CameraInfo | None:
        """The info for an output picture whose input has this stamp; None when there is none.

        Raises:
            ImageError: it cannot be that of a rectified picture.
        """
        info = self._find_camera_info(side, stamp)
        if info is None:
            return None
        if self._options.rectify:
            info = rectified_camera_info(info, self._size)
        width, height = size = self._size or (info.width, info.height)
        if self._options.scale == 1.0 or not width or not height:
            return info
        out_width, out_height = self._output_size(size)
        return resized_camera_info(info, out_width / width, out_height / height)

    def _read(self, side: Side, message: ImageMessage) -> Picture:
        with _named(side):
            return read_samples(message)

    def _rectified(self, side: Side, pair: StereoPair, picture: Picture) -> Picture:
        if not self._options.rectify:
            return picture
        with _named(side):
            stamp = pair.frame(side).message.header.stamp
            info = self._find_camera_info(side, nanoseconds(stamp))
            if info is None:
                raise ImageError(
                    "No camera_info has come yet, and rectify needs one: remap the camera's info "
                    f"to {side.value}/camera_info."
                )
            height, width = picture.shape[:2]
            return self._rectifiers[side].rectify(picture, calibration_of(info, (width, height)))

    def _write(self, picture: Picture, like: ImageMessage) -> ImageMessage:
        options = self._options
        height, width = picture.shape[:2]
        if options.scale != 1.0:
            size = self._output_size((width, height))
            small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            picture = np.asarray(small, picture.dtype)
        if options.transport == RAW:
            keep_alpha = not options.rectify
            return write_rgb(picture, options.encoding, like, keep_alpha, self._level)
        return write_compressed(
            picture, options.encoding, like, options.transport, options.jpeg_quality, self._level
        )

    def _is_as_chosen(self, message: ImageMessage) -> bool:
        options = self._options
        raw = not isinstance(message, CompressedImage)
        return (
            not options.rectify
            and options.scale == 1.0
            and raw is (options.transport == RAW)
            and answered_unchanged(options.encoding, message)
        )

    def _output_size(self, size: Size) -> Size:
        width, height = (max(1, round(side * self._options.scale)) for side in size)
        return width, height


@contextmanager
def _named(side: Side) -> Iterator[None]:
    """Say in an `ImageError` of which side it tells."""
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{side.value} image: {error}") from error
