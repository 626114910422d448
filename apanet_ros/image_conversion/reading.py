"""Image messages, raw or compressed, to RGB pixels."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage, Picture
from apanet_core.imaging.white_level import eight_bits
from apanet_ros.image_conversion.bridge import read_with_cv_bridge
from apanet_ros.image_conversion.compressed import decode
from apanet_ros.image_conversion.encodings import (
    ENCODINGS,
    RGB_ENCODING,
    Pixels,
)
from apanet_ros.image_conversion.pixels import view_pixels

ImageMessage: TypeAlias = Image | CompressedImage


def read_rgb(message: ImageMessage) -> ByteImage:
    """Return a message's pixels as uint8 RGB `[H,W,3]`; 65535 of 16 bits is white.

    Errors are those of `read_samples`.
    """
    return eight_bits(read_samples(message))


def read_samples(message: ImageMessage) -> Picture:
    """Return a message's pixels as RGB `[H,W,3]` with the values it holds, uint8 or uint16.

    An rgb8 image comes as a view of the message's own bytes, its row padding skipped; do not
    write into it. Other encodings are converted in one pass, JPEG and PNG after decoding. What is
    in no table of ours is left to cv_bridge where that is installed.

    Raises:
        ImageError: the encoding is not supported, size, step and data do not agree, or compressed
            data is broken.
    """
    if isinstance(message, CompressedImage):
        return _to_rgb(*decode(message))
    if message.encoding not in ENCODINGS:
        return read_with_cv_bridge(message)
    return _to_rgb(view_pixels(message), message.encoding)


def _to_rgb(pixels: Pixels, encoding: str) -> Picture:
    try:
        code = ENCODINGS[encoding].to_rgb
        return pixels if code is None else np.asarray(cv2.cvtColor(pixels, code), pixels.dtype)
    except (cv2.error, MemoryError) as error:
        height, width = pixels.shape[:2]
        raise ImageError(
            f"OpenCV cannot convert {width} x {height} {encoding} to {RGB_ENCODING}: "
            "check the camera driver."
        ) from error
