"""Image messages, raw or compressed, to RGB pixels."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_ros.image_conversion.bridge import read_with_cv_bridge
from apanet_ros.image_conversion.compressed import decode
from apanet_ros.image_conversion.encodings import (
    ENCODINGS,
    RGB_ENCODING,
    STEP_OF_16_BITS,
    Pixels,
)
from apanet_ros.image_conversion.pixels import view_pixels

ImageMessage: TypeAlias = Image | CompressedImage


def read_rgb(message: ImageMessage) -> ByteImage:
    """Return a message's pixels as uint8 RGB `[H,W,3]`.

    An rgb8 image comes as a view of the message's own bytes, its row padding skipped; do not
    write into it. Other encodings are converted in one pass, those of 16 bits in two, JPEG and PNG
    after decoding. What is in no table of ours is left to cv_bridge where that is installed.

    Raises:
        ImageError: the encoding is not supported, size, step and data do not agree, or compressed
            data is broken.
    """
    if isinstance(message, CompressedImage):
        return _to_rgb(*decode(message))
    if message.encoding not in ENCODINGS:
        return read_with_cv_bridge(message)
    return _to_rgb(view_pixels(message), message.encoding)


def _to_rgb(pixels: Pixels, encoding: str) -> ByteImage:
    try:
        code = ENCODINGS[encoding].to_rgb
        eight_bits = _to_eight_bits(pixels)
        return eight_bits if code is None else np.asarray(cv2.cvtColor(eight_bits, code), np.uint8)
    except (cv2.error, MemoryError) as error:
        height, width = pixels.shape[:2]
        raise ImageError(
            f"OpenCV cannot convert {width} x {height} {encoding} to {RGB_ENCODING}: "
            "check the camera driver."
        ) from error


def _to_eight_bits(pixels: Pixels) -> ByteImage:
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=1 / STEP_OF_16_BITS), np.uint8)
