"""The bytes of an image message as an array, checked against its size, step and encoding."""

from __future__ import annotations

import sys

import numpy as np
from sensor_msgs.msg import Image

from apanet_core.errors import ImageError
from apanet_ros.image_conversion.encodings import ENCODINGS, Encoding, Layout, Pixels

BIG_ENDIAN_HERE = sys.byteorder == "big"


def view_pixels(image: Image) -> Pixels:
    """Return the pixels in their own encoding, rows unpadded, in this machine's byte order.

    It is a view of the message's own bytes, `[H,W]` or `[H,W,C]`, `[3H/2,W]` for nv12 and nv21;
    only 16-bit samples of the other byte order, or in rows of an odd step, are copied.

    Args:
        image: its encoding is one of `ENCODINGS`.

    Raises:
        ImageError: size, step and data do not agree.
    """
    encoding = ENCODINGS[image.encoding]
    _check(image, encoding)
    return _in_native_order(_view(image, encoding), bool(image.is_bigendian))


def _view(image: Image, encoding: Encoding) -> Pixels:
    rows, width = encoding.rows(image.height), image.width
    sample = np.dtype(f"u{encoding.sample_bytes}")
    pixel_bytes = encoding.channels * encoding.sample_bytes
    shape: tuple[int, ...] = (rows, width, encoding.channels)
    strides: tuple[int, ...] = (image.step, pixel_bytes, encoding.sample_bytes)
    if encoding.channels == 1:
        shape, strides = shape[:2], strides[:2]
    pixels: Pixels = np.ndarray(shape, sample, buffer=image.data, strides=strides)
    return pixels


def _in_native_order(pixels: Pixels, big_endian: bool) -> Pixels:
    if pixels.itemsize == 1:
        return pixels
    if big_endian is not BIG_ENDIAN_HERE:
        return np.asarray(pixels.byteswap(), pixels.dtype)
    # OpenCV takes no rows that begin in the middle of a sample.
    return pixels if pixels.strides[0] % pixels.itemsize == 0 else pixels.copy()


def _check(image: Image, encoding: Encoding) -> None:
    size = f"{image.width} x {image.height} {image.encoding}"
    if not image.width or not image.height:
        raise ImageError(f"The image is empty ({size}): check the camera driver.")
    _check_even(image, encoding, size)
    row = encoding.row_bytes(image.width)
    if image.step < row:
        raise ImageError(
            f"A row of {size} takes {row} bytes, the image's step says {image.step}: "
            "check the camera driver."
        )
    rows = encoding.rows(image.height)
    if len(image.data) != image.step * rows:
        luma_and_chroma = " (luma and chroma)" if encoding.layout is Layout.YUV420 else ""
        raise ImageError(
            f"{rows} rows{luma_and_chroma} of {image.step} bytes are {image.step * rows} bytes, "
            f"the image holds {len(image.data)}: check the camera driver."
        )


def _check_even(image: Image, encoding: Encoding, size: str) -> None:
    if encoding.even_width and image.width % 2:
        raise ImageError(f"Two pixels share their chroma, so {size} needs an even width.")
    if encoding.even_height and image.height % 2:
        raise ImageError(f"Two rows share their chroma, so {size} needs an even height.")
