"""RGB pixels to image messages, raw or compressed."""

from __future__ import annotations

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_ros.image_conversion.compressed import answer_to_compressed
from apanet_ros.image_conversion.encodings import (
    ENCODINGS,
    RGB_ENCODING,
    STEP_OF_16_BITS,
    Encoding,
    Layout,
    Pixels,
    answer_to,
)
from apanet_ros.image_conversion.pixels import BIG_ENDIAN_HERE, view_pixels
from apanet_ros.image_conversion.reading import ImageMessage
from apanet_ros.image_conversion.yuv import write_yuv420, write_yuv422

SAME = "same"
"""The choice of encoding that answers each input in its own."""


def write_rgb(rgb: ByteImage, encoding: str, like: ImageMessage, keep_alpha: bool = True) -> Image:
    """Return an image message of uint8 RGB `[H,W,3]` pixels in an encoding, its rows unpadded.

    Pixels are converted, or copied, once: straight into the message's own memory. Values of 16
    bits are those of 8 times 257.

    Args:
        rgb: the pixels.
        encoding: one of `ENCODINGS`, or "same" for that of `like`. What cannot be written goes out
            in another: a mosaic, or an encoding that only cv_bridge reads, as rgb8; chroma shared
            by two pixels needs even sides, else rgb8 takes its place.
        like: the image they were made from: gives header and, to a picture with alpha, its alpha.
        keep_alpha: whether alpha of `like` still lies where its pixels do.

    Raises:
        ImageError: OpenCV cannot convert it.
    """
    height, width = rgb.shape[:2]
    name = _writable(_chosen(encoding, like), height, width)
    written = ENCODINGS[name]
    image = Image(header=like.header, height=height, width=width, encoding=name)
    image.step = written.row_bytes(width)
    image.is_bigendian = int(BIG_ENDIAN_HERE)
    if name == RGB_ENCODING:
        image.data.frombytes(np.ascontiguousarray(rgb).data)
        return image
    # In place: what is assigned is copied, by the messages of newer ROS 2 even an array.
    image.data.append(0)
    memory = image.data
    memory *= image.step * written.rows(height)
    try:
        _fill(view_pixels(image), rgb, name, written)
    except cv2.error as error:
        raise ImageError(f"OpenCV cannot write {width} x {height} pixels as {name}.") from error
    if keep_alpha:
        _copy_alpha(like, image)
    return image


def write_compressed(
    rgb: ByteImage, encoding: str, like: ImageMessage, file_format: str, quality: int
) -> CompressedImage:
    """Return uint8 RGB `[H,W,3]` pixels as a JPEG or PNG, gray where the encoding is.

    Args:
        rgb: the pixels.
        encoding: as for `write_rgb`; tells subscribers in which one to decompress.
        like: the image they were made from: gives the header.
        file_format: "jpeg" or "png".
        quality: of JPEG, 1 to 100.

    Raises:
        ImageError: the picture is too large for the format.
    """
    name = _chosen(encoding, like)
    gray = ENCODINGS[name].channels == 1 and ENCODINGS[name].layout is Layout.PACKED
    code = cv2.COLOR_RGB2GRAY if gray else cv2.COLOR_RGB2BGR
    pixels = np.asarray(cv2.cvtColor(rgb, code), np.uint8)
    message = CompressedImage(header=like.header)
    message.data.frombytes(_encoded(pixels, file_format, quality))
    original = "mono8" if gray else name if name in ("rgb8", "bgr8") else "bgr8"
    message.format = f"{original}; {file_format} compressed {'' if gray else 'bgr8'}"
    return message


def answered_unchanged(encoding: str, message: ImageMessage) -> bool:
    """Whether a message that is to go out in this encoding, or "same", may do so as it is."""
    if isinstance(message, CompressedImage):
        return encoding == SAME
    return bool(_chosen(encoding, message) == message.encoding)


def _encoded(pixels: ByteImage, file_format: str, quality: int) -> memoryview:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if file_format == "jpeg" else []
    done, data = cv2.imencode(f".{file_format}", pixels, options)
    if not done:
        height, width = pixels.shape[:2]
        raise ImageError(
            f"OpenCV cannot write {width} x {height} pixels as {file_format}: choose raw output."
        )
    return data.data


def _chosen(encoding: str, like: ImageMessage) -> str:
    if encoding != SAME:
        return answer_to(encoding)
    if isinstance(like, CompressedImage):
        return answer_to_compressed(like.format)
    return answer_to(like.encoding)


def _writable(encoding: str, height: int, width: int) -> str:
    written = ENCODINGS[encoding]
    odd = (written.even_width and width % 2) or (written.even_height and height % 2)
    return RGB_ENCODING if odd else encoding


def _fill(out: Pixels, rgb: ByteImage, name: str, written: Encoding) -> None:
    """Write the pixels in their encoding into the message's memory."""
    if written.layout is Layout.YUV422:
        write_yuv422(rgb, name, np.asarray(out, np.uint8))
    elif written.layout is Layout.YUV420:
        write_yuv420(rgb, name, np.asarray(out, np.uint8))
    elif written.sample_bytes == 2:
        code = written.from_rgb
        eight_bits = rgb if code is None else np.asarray(cv2.cvtColor(rgb, code), np.uint8)
        np.multiply(eight_bits, STEP_OF_16_BITS, out=out, dtype=np.uint16)
    elif written.from_rgb is not None:
        cv2.cvtColor(rgb, written.from_rgb, dst=out)


def _copy_alpha(like: ImageMessage, image: Image) -> None:
    """Give a picture with alpha that of the original, where it has one of the same size."""
    if isinstance(like, CompressedImage) or like.encoding not in ENCODINGS:
        return
    before, after = ENCODINGS[like.encoding], ENCODINGS[image.encoding]
    same_size = (like.height, like.width) == (image.height, image.width)
    same_bits = before.sample_bytes == after.sample_bytes
    if before.channels == after.channels == 4 and same_size and same_bits:
        view_pixels(image)[..., 3] = view_pixels(like)[..., 3]
