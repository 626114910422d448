"""cv_bridge, where ROS 2 is installed with it, for the encodings that are in no table of ours."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import Image

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.name_list import name_list
from apanet_ros.image_conversion.encodings import ENCODINGS, RGB_ENCODING


def read_with_cv_bridge(image: Image) -> ByteImage:
    """Return an image's pixels as uint8 RGB `[H,W,3]`, converted by cv_bridge.

    Raises:
        ImageError: cv_bridge is not installed or refuses the image.
    """
    try:
        # Only here: the wheels of ROS 2 have none.
        from cv_bridge import CvBridge
    except ImportError:
        raise _unsupported(image, "") from None
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        # Its compiled part is built for NumPy 1 and would end the process.
        raise _unsupported(image, " and cv_bridge does not work under NumPy 2")
    try:
        pixels = np.asarray(CvBridge().imgmsg_to_cv2(image, RGB_ENCODING))
    except Exception as error:  # CvBridgeError, and whatever its parts raise on bad sizes
        raise _unsupported(image, f" and cv_bridge refuses it ({error})") from error
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or not pixels.size:
        raise _unsupported(image, " and cv_bridge makes no picture of it")
    return pixels


def _unsupported(image: Image, detail: str) -> ImageError:
    return ImageError(
        f"The encoding {image.encoding!r} is not supported{detail}: "
        f"convert to one of {name_list(ENCODINGS)}."
    )
