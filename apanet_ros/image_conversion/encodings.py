"""What each encoding of sensor_msgs/Image looks like in memory, and what OpenCV calls it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.unsignedinteger[Any]]
"""A picture in its own encoding, uint8 or uint16: `[H,W]` or `[H,W,C]`.

It is `[3H/2,W]` where chroma lies below luma.
"""

RGB_ENCODING = "rgb8"


class Layout(Enum):
    """How the samples of a picture lie.

    PACKED keeps the samples of each pixel together, MOSAIC has one sample of changing colour a
    pixel (Bayer), YUV422 shares chroma between two columns, YUV420 between two columns of two rows
    and keeps it below the luma.
    """

    PACKED = auto()
    MOSAIC = auto()
    YUV422 = auto()
    YUV420 = auto()


@dataclass(frozen=True)
class Encoding:
    """One encoding.

    `channels` are the samples a pixel takes in its row, of `sample_bytes` each; `to_rgb` and
    `from_rgb` the OpenCV conversions, None where none is needed or OpenCV has none; `answer` the
    encoding in which a derained picture of this encoding goes out.
    """

    channels: int
    sample_bytes: int
    layout: Layout
    to_rgb: int | None
    from_rgb: int | None
    answer: str

    def row_bytes(self, width: int) -> int:
        """Bytes of a row without padding."""
        return width * self.channels * self.sample_bytes

    def rows(self, height: int) -> int:
        """Rows that a picture of this height takes in memory."""
        return height * 3 // 2 if self.layout is Layout.YUV420 else height

    @property
    def even_width(self) -> bool:
        """Whether columns come in twos."""
        return self.layout in (Layout.YUV422, Layout.YUV420)

    @property
    def even_height(self) -> bool:
        """Whether rows come in twos."""
        return self.layout is Layout.YUV420


def _packed() -> dict[str, Encoding]:
    """Colour and gray, in 8 and 16 bits. OpenCV's names without a colour order mean BGR."""
    kinds = (
        (("rgb{}",), 3, None, None),
        (("bgr{}", "{}UC3"), 3, cv2.COLOR_BGR2RGB, cv2.COLOR_RGB2BGR),
        (("rgba{}",), 4, cv2.COLOR_RGBA2RGB, cv2.COLOR_RGB2RGBA),
        (("bgra{}", "{}UC4"), 4, cv2.COLOR_BGRA2RGB, cv2.COLOR_RGB2BGRA),
        (("mono{}", "{}UC1"), 1, cv2.COLOR_GRAY2RGB, cv2.COLOR_RGB2GRAY),
    )
    return {
        name.format(8 * size): Encoding(
            channels, size, Layout.PACKED, to_rgb, from_rgb, name.format(8 * size)
        )
        for size in (1, 2)
        for names, channels, to_rgb, from_rgb in kinds
        for name in names
    }


def _mosaics() -> dict[str, Encoding]:
    """Bayer patterns. ROS names the four top left pixels, OpenCV the four at (1, 1)."""
    codes = {
        "rggb": cv2.COLOR_BayerBG2RGB,
        "bggr": cv2.COLOR_BayerRG2RGB,
        "gbrg": cv2.COLOR_BayerGR2RGB,
        "grbg": cv2.COLOR_BayerGB2RGB,
    }
    # A derained picture has all colours at every pixel; a mosaic would throw two thirds away.
    return {
        f"bayer_{pattern}{8 * size}": Encoding(1, size, Layout.MOSAIC, code, None, RGB_ENCODING)
        for pattern, code in codes.items()
        for size in (1, 2)
    }


def _video() -> dict[str, Encoding]:
    """YUV of BT.601 in video range, under the older and the newer names of ROS."""
    codes_422 = {
        "uyvy": cv2.COLOR_YUV2RGB_UYVY,
        "yuv422": cv2.COLOR_YUV2RGB_UYVY,
        "yuyv": cv2.COLOR_YUV2RGB_YUY2,
        "yuv422_yuy2": cv2.COLOR_YUV2RGB_YUY2,
    }
    codes_420 = {"nv12": cv2.COLOR_YUV2RGB_NV12, "nv21": cv2.COLOR_YUV2RGB_NV21}
    return {
        name: Encoding(2, 1, Layout.YUV422, code, None, name) for name, code in codes_422.items()
    } | {name: Encoding(1, 1, Layout.YUV420, code, None, name) for name, code in codes_420.items()}


ENCODINGS = _packed() | _mosaics() | _video()
"""Every encoding that is read without cv_bridge."""

OUTPUT_ENCODINGS = (
    "rgb8",
    "bgr8",
    "rgba8",
    "bgra8",
    "mono8",
    "mono16",
    "rgb16",
    "bgr16",
    "uyvy",
    "yuyv",
    "nv12",
    "nv21",
)
"""Those to choose from for output; others go out only in answer to an input of that encoding."""


def answer_to(encoding: str) -> str:
    """The encoding in which a picture that came in this one goes out."""
    return ENCODINGS[encoding].answer if encoding in ENCODINGS else RGB_ENCODING
