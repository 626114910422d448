"""What a recorded image is, told without decoding its picture."""

from __future__ import annotations

from typing import Any

from apanet_core.errors import ImageError
from apanet_ros.bags.image_messages import deserialize_image
from apanet_ros.bags.message_types import typestore
from apanet_ros.bags.reader import BagMessage
from apanet_ros.bags.stereo_topics import COMPRESSED_TYPE
from apanet_ros.image_conversion.bridge import read_with_cv_bridge
from apanet_ros.image_conversion.compressed import file_format_of
from apanet_ros.image_conversion.encodings import ENCODINGS
from apanet_ros.image_conversion.pixels import view_pixels


def image_format(message: BagMessage) -> str:
    """Return size and encoding of a raw image, as in "640 x 480 rgb8", or "JPEG" or "PNG".

    Raises:
        ImageError: `apanet derain` and the node could not read it: it is damaged, truncated or of
            an encoding that nobody here knows.
    """
    try:
        image: Any = typestore().deserialize_cdr(message.serialized, message.message_type)
    except Exception as error:
        # Damaged bytes make the library raise nearly anything.
        raise ImageError(f"The message is damaged ({type(error).__name__}).") from error
    if message.message_type == COMPRESSED_TYPE:
        return file_format_of(image).name
    if image.encoding in ENCODINGS:
        view_pixels(image)
    else:
        read_with_cv_bridge(deserialize_image(message))
    return f"{image.width} x {image.height} {image.encoding}"
