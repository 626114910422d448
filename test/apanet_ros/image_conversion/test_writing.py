"""RGB to image messages."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_ros.image_conversion import (
    ENCODINGS,
    OUTPUT_ENCODINGS,
    read_rgb,
    write_compressed,
    write_rgb,
)

OWN = [name for name in ENCODINGS if not name.startswith("bayer")]


@pytest.mark.parametrize("padding", [0, 10])
@pytest.mark.parametrize("encoding", OWN)
def test_writing_what_was_read_gives_the_same_pixels(
    encoding: str, padding: int, in_encoding: Any, make_image: Any
) -> None:
    samples = in_encoding(encoding)
    original = make_image(samples, encoding, padding)
    written = write_rgb(read_rgb(original), "same", original)
    assert (written.height, written.width, written.encoding) == (6, 8, encoding)
    assert written.step == 8 * samples.shape[2] * samples.itemsize
    assert written.header == original.header
    again = np.frombuffer(written.data, samples.dtype).reshape(samples.shape)
    if "16" in encoding and samples.shape[2] == 4:
        np.testing.assert_array_equal(again, samples)
    # Rounding twice moves YUV by a step or two.
    tolerance = 3 if encoding.startswith(("yu", "uyvy", "nv")) else 0
    assert np.abs(again.astype(int) - samples).max() <= tolerance


@pytest.mark.parametrize("encoding", ["bayer_rggb8", "bayer_gbrg16"])
def test_a_mosaic_is_answered_in_full_colour(
    encoding: str, in_encoding: Any, make_image: Any
) -> None:
    original = make_image(in_encoding(encoding), encoding)
    rgb = read_rgb(original)
    written = write_rgb(rgb, "same", original)
    assert written.encoding == "rgb8"
    np.testing.assert_array_equal(read_rgb(written), rgb)


@pytest.mark.parametrize("encoding", OUTPUT_ENCODINGS)
def test_a_chosen_encoding_is_written_whatever_came_in(
    encoding: str, make_image: Any, even_colours: Any
) -> None:
    original = make_image(even_colours, "rgb8")
    written = write_rgb(even_colours, encoding, original)
    assert written.encoding == encoding
    again = read_rgb(written)
    if encoding.startswith("mono"):
        gray = even_colours @ np.array([0.299, 0.587, 0.114])
        assert np.abs(again[..., 0] - gray).max() <= 1
    else:
        tolerance = 3 if encoding.startswith(("uyvy", "yuyv", "nv")) else 0
        assert np.abs(again.astype(int) - even_colours).max() <= tolerance
    if encoding in ("rgba8", "bgra8"):
        assert set(bytes(written.data)[3::4]) == {255}


def test_alpha_goes_along_between_the_encodings_that_have_it(
    in_encoding: Any, make_image: Any
) -> None:
    original = make_image(in_encoding("bgra8"), "bgra8", padding=3)
    written = write_rgb(read_rgb(original), "rgba8", original)
    assert bytes(written.data) == in_encoding("rgba8").tobytes()
    moved = write_rgb(read_rgb(original), "rgba8", original, keep_alpha=False)
    assert set(bytes(moved.data)[3::4]) == {255}


def test_alpha_of_another_size_stays_behind(in_encoding: Any, make_image: Any) -> None:
    original = make_image(in_encoding("rgba8"), "rgba8")
    smaller = np.ascontiguousarray(read_rgb(original)[::2, ::2])
    written = write_rgb(smaller, "same", original)
    assert (written.height, written.width, written.step) == (3, 4, 16)
    assert set(bytes(written.data)[3::4]) == {255}


@pytest.mark.parametrize(("encoding", "shape"), [("uyvy", (6, 7, 3)), ("nv12", (5, 8, 3))])
def test_odd_sides_cannot_share_chroma_and_go_out_as_rgb(
    encoding: str, shape: tuple[int, ...]
) -> None:
    rgb = np.full(shape, 80, np.uint8)
    written = write_rgb(rgb, encoding, Image(encoding="rgb8"))
    assert written.encoding == "rgb8"
    np.testing.assert_array_equal(read_rgb(written), rgb)


def test_pixels_that_lie_scattered_are_written_in_their_order(make_image: Any) -> None:
    wide = np.random.default_rng(0).integers(0, 256, (6, 16, 3), np.uint8)
    for encoding in ("rgb8", "bgr8", "mono16"):
        written = write_rgb(wide[:, ::2], encoding, Image(encoding="rgb8"))
        expected = write_rgb(np.ascontiguousarray(wide[:, ::2]), encoding, Image(encoding="rgb8"))
        assert written.data == expected.data


@pytest.mark.parametrize("file_format", ["jpeg", "png"])
@pytest.mark.parametrize(
    ("encoding", "original"),
    [("rgb8", "rgb8"), ("bgr8", "bgr8"), ("nv12", "bgr8"), ("mono16", "mono8"), ("mono8", "mono8")],
)
def test_compressed_images_are_what_transport_plugins_read(
    file_format: str, encoding: str, original: str
) -> None:
    like = Image(encoding="rgb8")
    like.header.frame_id = "camera"
    rgb = np.dstack([*np.meshgrid(range(90, 106), range(90, 98)), np.full((8, 16), 99)])
    rgb = rgb.astype(np.uint8)
    if original == "mono8":
        rgb = rgb[..., :1].repeat(3, axis=2)
    message = write_compressed(rgb, encoding, like, file_format, 100)
    assert message.header.frame_id == "camera"
    codec_encoding = "" if original == "mono8" else "bgr8"
    assert message.format == f"{original}; {file_format} compressed {codec_encoding}"
    pixels = cv2.imdecode(np.frombuffer(message.data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels.ndim == (2 if original == "mono8" else 3)
    tolerance = 4 if file_format == "jpeg" else 0
    assert np.abs(read_rgb(message).astype(int) - rgb).max() <= tolerance


def test_quality_is_that_of_the_jpeg() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    low, high = (
        len(write_compressed(noise, "rgb8", Image(), "jpeg", quality).data) for quality in (20, 95)
    )
    assert 2 * low < high


def test_what_is_too_large_for_jpeg_is_refused_in_a_sentence() -> None:
    strip = np.zeros((1, 70_000, 3), np.uint8)
    with pytest.raises(ImageError, match="cannot write 70000 x 1 pixels as jpeg"):
        write_compressed(strip, "rgb8", Image(), "jpeg", 90)


def test_a_compressed_input_is_answered_raw_in_the_encoding_it_was_made_from() -> None:
    rgb = np.full((6, 8, 3), 80, np.uint8)
    for message_format, encoding in (
        ("bgr8; jpeg compressed bgr8", "bgr8"),
        ("mono8; png compressed ", "mono8"),
        ("bayer_rggb8; jpeg compressed ", "rgb8"),
        ("jpeg", "rgb8"),
        ("", "rgb8"),
        ("nonsense; png", "rgb8"),
    ):
        like = CompressedImage(format=message_format)
        assert write_rgb(rgb, "same", like).encoding == encoding


@pytest.mark.parametrize("encoding", ["rgb8", "bgr8", "rgba8", "bgra8"])
def test_fast_encodings_are_read_and_written_without_a_copy_too_many(encoding: str) -> None:
    """Beside the message that comes out nothing of an image's size is allocated."""
    rgb = np.full((480, 640, 3), 80, np.uint8)
    original = write_rgb(rgb, encoding, Image())
    reading = peak_memory(lambda: read_rgb(original))
    writing = peak_memory(lambda: write_rgb(rgb, encoding, original))
    assert reading < (0.1 if encoding == "rgb8" else 1.1) * rgb.nbytes
    assert writing < 1.2 * len(original.data)


def peak_memory(work: Callable[[], Any]) -> int:
    """Bytes that were allocated at once while something was done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
