"""JPEG and PNG of sensor_msgs/CompressedImage, as compressed_image_transport writes them.

Its `format` reads "<encoding>; jpeg compressed <encoding of the file>", or only "jpeg".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage

from apanet_core.errors import ImageError
from apanet_core.imaging.file_fault import DAMAGED, JPEG, PNG, file_fault
from apanet_core.imaging.opencv_log import opencv_silenced
from apanet_ros.image_conversion.encodings import ENCODINGS, RGB_ENCODING, Layout, Pixels, answer_to


@dataclass(frozen=True)
class FileFormat:
    """How files of a format begin."""

    name: str
    begins: bytes


FILE_FORMATS = (
    FileFormat("JPEG", JPEG),
    FileFormat("PNG", PNG),
)


def decode(message: CompressedImage) -> tuple[Pixels, str]:
    """Return a compressed image's pixels and their encoding, one of `ENCODINGS`.

    Raises:
        ImageError: it is neither JPEG nor PNG, or is truncated or broken.
    """
    file_format = file_format_of(message)
    try:
        data = np.frombuffer(message.data, np.uint8)
        with opencv_silenced():
            decoded = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except (cv2.error, MemoryError) as error:
        raise _broken(file_format) from error
    if decoded is None or decoded.dtype not in (np.uint8, np.uint16):
        raise _broken(file_format)
    pixels: Pixels = np.asarray(decoded, decoded.dtype)
    return pixels, _encoding(pixels, message.format)


def answer_to_compressed(message_format: str) -> str:
    """The encoding in which a picture that came under this `format` goes out when raw."""
    return answer_to(_original(message_format))


def file_format_of(message: CompressedImage) -> FileFormat:
    """Tell by its bytes what a compressed image is, without decoding it.

    Raises:
        ImageError: it is neither JPEG nor PNG, or is truncated or damaged.
    """
    data = memoryview(message.data)
    for file_format in FILE_FORMATS:
        if data[: len(file_format.begins)] == file_format.begins:
            fault = file_fault(data.tobytes())
            if fault == DAMAGED:
                raise _broken(file_format)
            if fault:
                raise ImageError(
                    f"The {file_format.name} is truncated ({len(data)} bytes): it got lost on the "
                    "way, or the camera driver cuts it off."
                )
            return file_format
    raise ImageError(
        f"The compressed image (format {message.format!r}, {len(data)} bytes) is neither JPEG nor "
        "PNG: let the camera's driver send one of them."
    )


def _broken(file_format: FileFormat) -> ImageError:
    return ImageError(f"The {file_format.name} is broken: check the camera driver.")


def _encoding(pixels: Pixels, message_format: str) -> str:
    """What the decoded samples are: OpenCV decodes to BGR, and leaves a mosaic a mosaic."""
    bits = 8 * pixels.itemsize
    if pixels.ndim == 3:
        # Some publishers compress RGB without telling the codec.
        swapped = "compressed rgb" in message_format
        return f"{'rgb' if swapped else 'bgr'}{'a' if pixels.shape[2] == 4 else ''}{bits}"
    original = _original(message_format)
    if original in ENCODINGS and ENCODINGS[original].layout is Layout.MOSAIC:
        return f"{original.rstrip('0123456789')}{bits}"
    return f"mono{bits}"


def _original(message_format: str) -> str:
    encoding, separator, _ = message_format.partition(";")
    return encoding.strip() if separator else RGB_ENCODING
