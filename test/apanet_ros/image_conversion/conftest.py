"""Small pictures in every encoding, made without OpenCV."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from sensor_msgs.msg import Image

HEIGHT, WIDTH = 6, 8
# Full range to limited range, BT.601.
LUMA = np.array([65.738, 129.057, 25.064]) / 256
BLUE = np.array([-37.945, -74.494, 112.439]) / 256
RED = np.array([112.439, -94.154, -18.285]) / 256


@pytest.fixture(scope="session")
def picture() -> Any:
    """uint8 RGB `[6,8,3]`, noise."""
    return np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


@pytest.fixture(scope="session")
def alpha() -> Any:
    """uint8 `[6,8,1]`, a ramp."""
    return np.arange(HEIGHT * WIDTH, dtype=np.uint8).reshape(HEIGHT, WIDTH, 1)


@pytest.fixture(scope="session")
def even_colours() -> Any:
    """uint8 RGB `[6,8,3]`: each 2 x 2 pixels of one colour, as shared chroma and mosaics need."""
    blocks = np.random.default_rng(4).integers(60, 200, (HEIGHT // 2, WIDTH // 2, 3), np.uint8)
    return blocks.repeat(2, axis=0).repeat(2, axis=1)


@pytest.fixture(scope="session")
def in_encoding(picture: Any, alpha: Any, even_colours: Any) -> Callable[[str], Any]:
    """The samples `[rows,W,C]` of a picture in an encoding, uint8 or uint16.

    It is of `even_colours` for shared chroma, of `alpha` for gray, of one colour, that of the
    first pixel, for a mosaic, else of `picture`.
    """

    def samples(encoding: str) -> Any:
        eight_bits = encoding.replace("16", "8")
        if eight_bits.startswith("bayer"):
            values = mosaic(picture[0, 0], eight_bits[6:10])
        elif eight_bits in ("uyvy", "yuv422", "yuyv", "yuv422_yuy2"):
            values = yuv422(even_colours, luma_first=eight_bits.startswith(("yuyv", "yuv422_")))
        elif eight_bits.startswith("nv"):
            values = yuv420(even_colours, red_first=eight_bits == "nv21")
        else:
            values = {
                "rgb8": picture,
                "bgr8": picture[..., ::-1],
                "8UC3": picture[..., ::-1],
                "rgba8": np.concatenate([picture, alpha], axis=2),
                "bgra8": np.concatenate([picture[..., ::-1], alpha], axis=2),
                "8UC4": np.concatenate([picture[..., ::-1], alpha], axis=2),
                "mono8": alpha,
                "8UC1": alpha,
            }[eight_bits]
        return values.astype(np.uint16) * 257 if "16" in encoding else values

    return samples


def mosaic(colour: Any, pattern: str) -> Any:
    values = np.empty((HEIGHT, WIDTH, 1), np.uint8)
    for position, letter in enumerate(pattern):
        values[position // 2 :: 2, position % 2 :: 2] = colour["rgb".index(letter)]
    return values


def yuv422(rgb: Any, luma_first: bool) -> Any:
    values = np.empty((HEIGHT, WIDTH, 2), np.uint8)
    luma, chroma = (0, 1) if luma_first else (1, 0)
    values[..., luma] = np.round(rgb @ LUMA + 16)
    values[:, ::2, chroma] = np.round(rgb @ BLUE + 128)[:, ::2]
    values[:, 1::2, chroma] = np.round(rgb @ RED + 128)[:, ::2]
    return values


def yuv420(rgb: Any, red_first: bool) -> Any:
    values = np.empty((HEIGHT * 3 // 2, WIDTH, 1), np.uint8)
    values[:HEIGHT, :, 0] = np.round(rgb @ LUMA + 16)
    first, second = (RED, BLUE) if red_first else (BLUE, RED)
    values[HEIGHT:, ::2, 0] = np.round(rgb @ first + 128)[::2, ::2]
    values[HEIGHT:, 1::2, 0] = np.round(rgb @ second + 128)[::2, ::2]
    return values


@pytest.fixture(scope="session")
def shown(picture: Any, alpha: Any, even_colours: Any) -> Callable[[str], tuple[Any, int]]:
    """What a picture `in_encoding` shows, uint8 RGB, and how far conversion may be off."""

    def rgb_and_tolerance(encoding: str) -> tuple[Any, int]:
        if encoding.startswith("bayer"):
            return np.broadcast_to(picture[0, 0], picture.shape), 0
        if encoding.startswith(("yu", "uyvy", "nv")):
            return even_colours, 3
        if encoding.startswith("mono") or encoding.endswith("C1"):
            return np.repeat(alpha, 3, axis=2), 0
        return picture, 0

    return rgb_and_tolerance


@pytest.fixture(scope="session")
def make_image() -> Callable[..., Image]:
    """A message of samples `[rows,W,C]`, its rows padded with 99, its samples big-endian or not."""

    def image(samples: Any, encoding: str, padding: int = 0, big_endian: bool = False) -> Image:
        from sensor_msgs.msg import Image

        rows, width, _ = samples.shape
        order = ">" if big_endian else "<"
        ordered = samples.astype(samples.dtype.newbyteorder(order))
        used = np.frombuffer(ordered.tobytes(), np.uint8).reshape(rows, -1)
        padded = np.pad(used, ((0, 0), (0, padding)), constant_values=99)
        height = rows * 2 // 3 if encoding.startswith("nv") else rows
        image = Image(height=height, width=width, encoding=encoding, step=padded.shape[1])
        image.is_bigendian = int(big_endian)
        image.header.frame_id = "camera"
        image.header.stamp.sec = 12
        image.data = array.array("B", padded.tobytes())
        return image

    return image
