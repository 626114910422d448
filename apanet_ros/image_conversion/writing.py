"""RGB pixels to image messages, raw or compressed."""

from __future__ import annotations

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_core.imaging.opencv_log import opencv_silenced
from apanet_core.imaging.types import Picture
from apanet_core.imaging.white_level import WhiteLevel, eight_bits
from apanet_ros.image_conversion.compressed import answer_to_compressed
from apanet_ros.image_conversion.encodings import (
    ENCODINGS,
    RGB_ENCODING,
    Layout,
    Pixels,
    answer_to,
)
from apanet_ros.image_conversion.pixels import BIG_ENDIAN_HERE, view_pixels
from apanet_ros.image_conversion.reading import ImageMessage
from apanet_ros.image_conversion.yuv import write_yuv420, write_yuv422

SAME = "same"
"""The choice of encoding that answers each input in its own."""


def write_rgb(
    rgb: Picture,
    encoding: str,
    like: ImageMessage,
    keep_alpha: bool = True,
    level: WhiteLevel | None = None,
) -> Image:
    """Return an image message of RGB `[H,W,3]` pixels in an encoding, its rows unpadded.

    Bytes are converted, or copied, once: straight into the message's own memory.

    Args:
        rgb: the pixels, uint8 or uint16 of full range; rounded where the encoding has 8 bits.
        encoding: one of `ENCODINGS`, or "same" for that of `like`. What cannot be written goes out
            in another: a mosaic, or an encoding that only cv_bridge reads, as rgb8; chroma shared
            by two pixels needs even sides, else rgb8 takes its place.
        like: the image they were made from: gives header and, to a picture with alpha, its alpha.
        keep_alpha: whether alpha of `like` still lies where its pixels do.
        level: tells what is white in values of 16 bits; None: 65535.

    Raises:
        ImageError: OpenCV cannot convert it.
    """
    height, width = rgb.shape[:2]
    name = _writable(_deep_enough(encoding, like, rgb), height, width)
    written = ENCODINGS[name]
    if written.sample_bytes == 1:
        rgb = eight_bits(rgb)
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
        _fill(view_pixels(image), rgb, name, level or WhiteLevel())
    except cv2.error as error:
        raise ImageError(f"OpenCV cannot write {width} x {height} pixels as {name}.") from error
    if keep_alpha:
        _copy_alpha(like, image)
    return image


def write_compressed(
    rgb: Picture,
    encoding: str,
    like: ImageMessage,
    file_format: str,
    quality: int,
    level: WhiteLevel | None = None,
) -> CompressedImage:
    """Return RGB `[H,W,3]` pixels as a JPEG or PNG, gray where the encoding is.

    Pixels and encoding of 16 bits give a PNG of 16 bits.

    Args:
        rgb: the pixels, uint8 or uint16 of full range.
        encoding: as for `write_rgb`; tells subscribers in which one to decompress.
        like: the image they were made from: gives the header.
        file_format: "jpeg" or "png".
        quality: of JPEG, 1 to 100.
        level: as for `write_rgb`.

    Raises:
        ImageError: the picture is too large for the format.
    """
    name = _deep_enough(encoding, like, rgb)
    gray = ENCODINGS[name].channels == 1 and ENCODINGS[name].layout is Layout.PACKED
    code = cv2.COLOR_RGB2GRAY if gray else cv2.COLOR_RGB2BGR
    deep = file_format == "png" and rgb.dtype == np.uint16 and ENCODINGS[name].sample_bytes == 2
    bits = 16 if deep else 8
    samples = (level or WhiteLevel()).samples(rgb, np.uint16) if deep else eight_bits(rgb)
    pixels = np.asarray(cv2.cvtColor(samples, code), samples.dtype)
    message = CompressedImage(header=like.header)
    message.data.frombytes(_encoded(pixels, file_format, quality))
    order = "mono" if gray else "rgb" if name.startswith("rgb") and "a" not in name else "bgr"
    in_file = "" if gray else f"bgr{bits}"
    message.format = f"{order}{bits}; {file_format} compressed {in_file}"
    return message


def answered_unchanged(encoding: str, message: ImageMessage) -> bool:
    """Whether a message that is to go out in this encoding, or "same", may do so as it is."""
    if isinstance(message, CompressedImage):
        return encoding == SAME
    return bool(_chosen(encoding, message) == message.encoding)


def _encoded(pixels: Picture, file_format: str, quality: int) -> memoryview:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if file_format == "jpeg" else []
    try:
        with opencv_silenced():
            done, data = cv2.imencode(f".{file_format}", pixels, options)
    except cv2.error:
        done = False
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


def _deep_enough(encoding: str, like: ImageMessage, rgb: Picture) -> str:
    """Return what is chosen; the format of a compressed image need not say that it has 16 bits."""
    name = _chosen(encoding, like)
    if encoding == SAME and isinstance(like, CompressedImage) and rgb.dtype == np.uint16:
        deep = name.replace("8", "16")
        return deep if deep in ENCODINGS else name
    return name


def _writable(encoding: str, height: int, width: int) -> str:
    written = ENCODINGS[encoding]
    odd = (written.even_width and width % 2) or (written.even_height and height % 2)
    return RGB_ENCODING if odd else encoding


def _fill(out: Pixels, rgb: Picture, name: str, level: WhiteLevel) -> None:
    """Write the pixels in their encoding into the message's memory."""
    written = ENCODINGS[name]
    if written.layout is Layout.YUV422:
        write_yuv422(eight_bits(rgb), name, np.asarray(out, np.uint8))
    elif written.layout is Layout.YUV420:
        write_yuv420(eight_bits(rgb), name, np.asarray(out, np.uint8))
    elif written.sample_bytes == 2:
        code = written.from_rgb
        converted = rgb if code is None else np.asarray(cv2.cvtColor(rgb, code), rgb.dtype)
        np.copyto(out, level.samples(converted, np.uint16))
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
