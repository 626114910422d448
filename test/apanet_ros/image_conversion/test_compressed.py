"""JPEG and PNG to pixels, files that real encoders made and what happens to them on the way."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rclpy")

from sensor_msgs.msg import CompressedImage

from apanet_core.errors import ImageError
from apanet_ros.image_conversion import read_rgb

SMOOTH = cv2.resize(
    np.random.default_rng(1).integers(0, 256, (4, 5, 3), np.uint8),
    (40, 32),
    None,
    0,
    0,
    cv2.INTER_CUBIC,
)


def compressed(pixels: Any, extension: str, message_format: str) -> CompressedImage:
    message = CompressedImage(format=message_format)
    message.data.frombytes(cv2.imencode(extension, pixels)[1].tobytes())
    return message


@pytest.mark.parametrize(
    ("extension", "message_format", "tolerance"),
    [
        (".jpg", "jpeg", 30),
        (".jpg", "rgb8; jpeg compressed bgr8", 30),
        (".png", "png", 0),
        (".png", "bgr8; png compressed bgr8", 0),
    ],
)
def test_colour_files_become_rgb(extension: str, message_format: str, tolerance: int) -> None:
    rgb = read_rgb(compressed(SMOOTH[..., ::-1], extension, message_format))
    assert np.abs(rgb.astype(int) - SMOOTH).max() <= tolerance


def test_rgb_that_was_compressed_as_if_it_were_bgr_is_read_as_meant() -> None:
    message = compressed(SMOOTH, ".png", "rgb8; png compressed rgb8")
    np.testing.assert_array_equal(read_rgb(message), SMOOTH)


@pytest.mark.parametrize("message_format", ["png", "mono8; png compressed "])
def test_gray_files_become_gray_rgb(message_format: str) -> None:
    gray = SMOOTH[..., 0]
    rgb = read_rgb(compressed(gray, ".png", message_format))
    np.testing.assert_array_equal(rgb, np.repeat(gray[..., np.newaxis], 3, axis=2))


def test_sixteen_bits_become_eight() -> None:
    gray = SMOOTH[..., 0].astype(np.uint16) * 257
    rgb = read_rgb(compressed(gray, ".png", "mono16; png compressed "))
    np.testing.assert_array_equal(rgb[..., 0], SMOOTH[..., 0])


def test_alpha_of_a_png_is_left_out() -> None:
    bgra = np.dstack([SMOOTH[..., ::-1], SMOOTH[..., 0]])
    np.testing.assert_array_equal(read_rgb(compressed(bgra, ".png", "png")), SMOOTH)


def test_a_compressed_mosaic_is_interpolated() -> None:
    mosaic = np.empty((8, 8), np.uint8)
    mosaic[::2, ::2], mosaic[::2, 1::2], mosaic[1::2, ::2], mosaic[1::2, 1::2] = 10, 90, 90, 200
    rgb = read_rgb(compressed(mosaic, ".png", "bayer_rggb8; png compressed "))
    assert {tuple(pixel) for pixel in rgb.reshape(-1, 3).tolist()} == {(10, 90, 200)}


@pytest.mark.parametrize("extension", [".jpg", ".png"])
def test_a_truncated_file_is_refused(extension: str) -> None:
    message = compressed(SMOOTH, extension, "")
    del message.data[len(message.data) // 2 :]
    with pytest.raises(ImageError, match="is truncated"):
        read_rgb(message)


def test_a_file_broken_inside_is_refused_or_shows_something() -> None:
    message = compressed(SMOOTH, ".png", "")
    middle = len(message.data) // 2
    message.data[middle] ^= 255
    with pytest.raises(ImageError, match="The PNG is broken"):
        read_rgb(message)


@pytest.mark.parametrize(
    ("data", "message_format"),
    [(b"", "jpeg"), (b"\x00\x00\x00\x01g", "h264"), (b"GIF89a", "png"), (b"BM" + bytes(60), "bmp")],
)
def test_other_formats_are_named(data: bytes, message_format: str) -> None:
    message = CompressedImage(format=message_format)
    message.data.frombytes(data)
    with pytest.raises(ImageError, match=f"format '{message_format}'.* is neither JPEG nor PNG"):
        read_rgb(message)


FILES = [cv2.imencode(extension, SMOOTH)[1].tobytes() for extension in (".jpg", ".png")] + [
    cv2.imencode(".png", SMOOTH[..., 0].astype(np.uint16))[1].tobytes()
]


@settings(max_examples=300, deadline=None)
@given(
    file=st.sampled_from(FILES),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    kept=st.floats(0, 1),
    message_format=st.one_of(
        st.text(max_size=8), st.sampled_from(["bayer_rggb16; png", "; compressed rgb"])
    ),
)
def test_any_file_is_read_or_refused(
    file: bytes, changes: list[tuple[float, int]], kept: float, message_format: str
) -> None:
    data = bytearray(file)
    for place, value in changes:
        data[int(place * len(data))] = value
    message = CompressedImage(format=message_format)
    message.data.frombytes(data[: round(kept * len(data))])
    try:
        rgb = read_rgb(message)
    except ImageError:
        return
    assert rgb.dtype == np.uint8
    assert rgb.shape[2] == 3
