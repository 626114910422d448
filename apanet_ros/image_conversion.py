"""sensor_msgs/Image to RGB pixels and back: no node, no topic, only the message."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

from apanet_core.errors import ImageError

ByteImage = NDArray[np.uint8]


class Encoding(NamedTuple):
    """Bytes of a pixel, and the OpenCV conversions between it and RGB; None needs none."""

    channels: int
    to_rgb: int | None
    from_rgb: int | None


ENCODINGS = {
    "rgb8": Encoding(3, None, None),
    "bgr8": Encoding(3, cv2.COLOR_BGR2RGB, cv2.COLOR_RGB2BGR),
    "rgba8": Encoding(4, cv2.COLOR_RGBA2RGB, cv2.COLOR_RGB2RGBA),
    "bgra8": Encoding(4, cv2.COLOR_BGRA2RGB, cv2.COLOR_RGB2BGRA),
    "mono8": Encoding(1, cv2.COLOR_GRAY2RGB, cv2.COLOR_RGB2GRAY),
}


def read_rgb(image: Image) -> ByteImage:
    """Return an image's pixels as uint8 RGB `[H,W,3]`.

    An rgb8 image comes as a view of the message's own bytes, its row padding skipped; do not
    write into it. Other encodings are converted in one pass.

    Raises:
        ImageError: the encoding is not supported, or size, step and data do not agree.
    """
    pixels = _view(image)
    to_rgb = ENCODINGS[image.encoding].to_rgb
    return pixels if to_rgb is None else _convert(pixels, to_rgb)


def write_rgb(rgb: ByteImage, encoding: str, like: Image) -> Image:
    """Return an image message of uint8 RGB `[H,W,3]` pixels in an encoding, its rows unpadded.

    Args:
        rgb: the pixels.
        encoding: one of `ENCODINGS`, or "same" for that of `like`.
        like: the image they were made from: gives header and, to a picture with alpha, its alpha.
    """
    encoding = like.encoding if encoding == "same" else encoding
    from_rgb = ENCODINGS[encoding].from_rgb
    pixels = rgb if from_rgb is None else _convert(rgb, from_rgb)
    if ENCODINGS[encoding].channels == 4 and ENCODINGS[like.encoding].channels == 4:
        pixels[..., 3] = _view(like)[..., 3]
    height, width = rgb.shape[:2]
    image = Image(header=like.header, height=height, width=width, encoding=encoding)
    image.step = width * ENCODINGS[encoding].channels
    # Straight into the message's own array: assigning to `data` would copy once more.
    image.data.frombytes(np.ascontiguousarray(pixels).data)
    return image


def _view(image: Image) -> ByteImage:
    """The pixels in their own encoding, `[H,W]` or `[H,W,C]`, without the padding of the rows."""
    _check(image)
    channels = ENCODINGS[image.encoding].channels
    rows = np.frombuffer(image.data, np.uint8).reshape(image.height, image.step)
    pixels = rows[:, : image.width * channels]
    if channels == 1:
        return pixels
    strides = (image.step, channels, 1)
    return np.lib.stride_tricks.as_strided(pixels, (image.height, image.width, channels), strides)


def _check(image: Image) -> None:
    if image.encoding not in ENCODINGS:
        raise ImageError(
            f"The encoding {image.encoding!r} is not supported: "
            f"convert to one of {', '.join(ENCODINGS)}."
        )
    size = f"{image.width} x {image.height} {image.encoding}"
    if not image.width or not image.height:
        raise ImageError(f"The image is empty ({size}): check the camera driver.")
    row = image.width * ENCODINGS[image.encoding].channels
    if image.step < row:
        raise ImageError(
            f"A row of {size} takes {row} bytes, the image's step says {image.step}: "
            "check the camera driver."
        )
    if len(image.data) != image.step * image.height:
        raise ImageError(
            f"{image.height} rows of {image.step} bytes are {image.step * image.height} bytes, "
            f"the image holds {len(image.data)}: check the camera driver."
        )


def _convert(pixels: ByteImage, code: int) -> ByteImage:
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)
