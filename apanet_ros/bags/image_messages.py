"""Recorded images, raw or compressed, to RGB pixels and back to bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import rclpy.serialization
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_core.imaging.types import Picture
from apanet_core.imaging.white_level import WhiteLevel
from apanet_ros.bags.message_types import typestore
from apanet_ros.bags.reader import BagMessage
from apanet_ros.bags.stereo_bag import IMAGE_TYPE
from apanet_ros.bags.stereo_topics import COMPRESSED_TYPE
from apanet_ros.image_conversion import ImageMessage, read_samples, write_compressed, write_rgb

JPEG_QUALITY = 95


def decode_image(message: BagMessage) -> tuple[ImageMessage, Picture]:
    """Return a recorded image and its pixels, RGB `[H,W,3]` with the values it holds.

    They are uint8 or uint16; `WhiteLevel` makes pictures of them, alike for both views.

    Raises:
        ImageError: the message is damaged, or its picture cannot be read.
    """
    image = deserialize_image(message)
    return image, read_samples(image)


def deserialize_image(message: BagMessage) -> ImageMessage:
    """Return a recorded image, its picture not yet decoded; raises `ImageError` for damage."""
    kind = CompressedImage if message.message_type == COMPRESSED_TYPE else Image
    image: ImageMessage = _deserialized(message, kind)
    return image


def deserialize_camera_info(message: BagMessage) -> CameraInfo:
    """Return a recorded camera_info; raises `ImageError` for damage."""
    info: CameraInfo = _deserialized(message, CameraInfo)
    return info


def _deserialized(message: BagMessage, kind: type[Any]) -> Any:
    try:
        # This one complains in Python only; rclpy's prints of its own on damaged bytes.
        typestore().deserialize_cdr(message.serialized, message.message_type)
        return rclpy.serialization.deserialize_message(message.serialized, kind)
    except Exception as error:
        # Damaged bytes make both libraries raise nearly anything.
        raise ImageError(f"The message is damaged ({type(error).__name__}).") from error


def encode_image(rgb: Picture, like: ImageMessage, level: WhiteLevel) -> bytes:
    """Return RGB `[H,W,3]` pixels as a message of the kind, header and encoding of `like`.

    Args:
        rgb: uint8, or uint16 of full range.
        like: the image they were made from.
        level: tells what is white in values of 16 bits.
    """
    if isinstance(like, CompressedImage):
        file_format = "png" if "png" in like.format.lower() else "jpeg"
        image: ImageMessage = write_compressed(rgb, "same", like, file_format, JPEG_QUALITY, level)
    else:
        image = write_rgb(rgb, "same", like, level=level)
    return _serialized(image)


def _serialized(image: ImageMessage) -> bytes:
    """Return CDR whose padding is zero: rclpy leaves in it what the memory held before."""
    store = typestore()
    kind = COMPRESSED_TYPE if isinstance(image, CompressedImage) else IMAGE_TYPE
    fields = {name: getattr(image, name) for name in image.get_fields_and_field_types()}
    stamp = image.header.stamp
    fields["header"] = store.types["std_msgs/msg/Header"](
        stamp=store.types["builtin_interfaces/msg/Time"](sec=stamp.sec, nanosec=stamp.nanosec),
        frame_id=image.header.frame_id,
    )
    fields["data"] = np.frombuffer(image.data, np.uint8)
    return bytes(store.serialize_cdr(store.types[kind](**fields), kind))
