"""Raw image messages to RGB: every encoding, worked by hand, and whatever else may come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rclpy")

from sensor_msgs.msg import Image

from apanet_core.errors import ImageError
from apanet_ros.image_conversion import ENCODINGS, read_rgb, read_samples


def test_every_encoding_that_cameras_send_is_there() -> None:
    promised = {
        *("mono8", "mono16", "rgb8", "bgr8", "rgba8", "bgra8", "8UC1", "8UC3"),
        *(f"bayer_{order}{bits}" for order in ("rggb", "bggr", "gbrg", "grbg") for bits in (8, 16)),
        *("yuv422", "uyvy", "yuv422_yuy2", "yuyv", "nv12", "nv21"),
    }
    assert promised - set(ENCODINGS) == set()


@pytest.mark.parametrize("padding", [0, 9, 10])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_becomes_rgb(
    encoding: str, padding: int, in_encoding: Any, shown: Any, make_image: Any
) -> None:
    rgb = read_rgb(make_image(in_encoding(encoding), encoding, padding))
    expected, tolerance = shown(encoding)
    assert rgb.dtype == np.uint8
    assert rgb.shape == expected.shape
    assert np.abs(rgb.astype(int) - expected).max() <= tolerance


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if "16" in name])
def test_big_endian_samples_are_read_as_such(
    encoding: str, in_encoding: Any, shown: Any, make_image: Any
) -> None:
    # Low bytes that differ from the high ones tell the two orders apart.
    samples = in_encoding(encoding) // 257 * 256 + 5
    rgb = read_rgb(make_image(samples, encoding, padding=4, big_endian=True))
    expected, _ = shown(encoding)
    assert np.abs(rgb.astype(int) - expected).max() <= 1


def test_the_order_of_bytes_means_nothing_to_single_bytes(make_image: Any, picture: Any) -> None:
    image = make_image(picture, "rgb8")
    image.is_bigendian = 1
    np.testing.assert_array_equal(read_rgb(image), picture)


@pytest.mark.parametrize("padding", [0, 9])
def test_rgb8_is_a_view_of_the_message(padding: int, make_image: Any, picture: Any) -> None:
    image = make_image(picture, "rgb8", padding)
    rgb = read_rgb(image)
    image.data[0] = 255 - picture[0, 0, 0]
    assert rgb[0, 0, 0] == 255 - picture[0, 0, 0]


@pytest.mark.parametrize("encoding", ["32FC1", "", "RGB8"])
def test_an_unsupported_encoding_is_named_with_those_there_are(
    encoding: str, make_image: Any, picture: Any
) -> None:
    image = make_image(picture, "rgb8")
    image.encoding = encoding
    with pytest.raises(
        ImageError, match=rf"'{encoding}' is not supported.*: convert to one of rgb8, bgr8"
    ):
        read_rgb(image)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("height", 0, r"The image is empty \(8 x 0 rgb8\)"),
        ("width", 0, r"The image is empty \(0 x 6 rgb8\)"),
        ("step", 23, r"A row of 8 x 6 rgb8 takes 24 bytes, the image's step says 23"),
        ("step", 25, r"6 rows of 25 bytes are 150 bytes, the image holds 144"),
        ("height", 7, r"7 rows of 24 bytes are 168 bytes, the image holds 144"),
        ("encoding", "rgba8", r"A row of 8 x 6 rgba8 takes 32 bytes, the image's step says 24"),
        ("encoding", "rgb16", r"A row of 8 x 6 rgb16 takes 48 bytes, the image's step says 24"),
        ("encoding", "nv12", r"9 rows \(luma and chroma\) of 24 bytes are 216 bytes"),
    ],
)
def test_size_step_and_data_must_agree(
    field: str, value: object, sentence: str, make_image: Any, picture: Any
) -> None:
    image = make_image(picture, "rgb8")
    setattr(image, field, value)
    with pytest.raises(ImageError, match=sentence):
        read_rgb(image)


@pytest.mark.parametrize(
    ("encoding", "width", "height", "side"),
    [("uyvy", 7, 6, "width"), ("nv12", 7, 6, "width"), ("nv21", 8, 5, "height")],
)
def test_shared_chroma_needs_even_sides(encoding: str, width: int, height: int, side: str) -> None:
    image = Image(height=height, width=width, encoding=encoding, step=2 * width)
    image.data.frombytes(bytes(image.step * height))
    with pytest.raises(ImageError, match=f"{width} x {height} {encoding} needs an even {side}"):
        read_rgb(image)


def test_truncated_data_is_refused(make_image: Any, picture: Any) -> None:
    image = make_image(picture, "rgb8")
    del image.data[-1]
    with pytest.raises(ImageError, match="are 144 bytes, the image holds 143"):
        read_rgb(image)


SIDES = st.one_of(st.integers(0, 9), st.integers(0, 2**32 - 1))


@settings(max_examples=400, deadline=None)
@given(
    height=SIDES,
    width=SIDES,
    step=SIDES,
    big_endian=st.integers(0, 255),
    encoding=st.sampled_from([*ENCODINGS, "", "nonsense", "nv24", "32FC1", "\x00"]),
    data=st.binary(max_size=64),
)
def test_any_message_is_read_or_refused(
    height: int, width: int, step: int, big_endian: int, encoding: str, data: bytes
) -> None:
    image = Image(height=height, width=width, step=step, encoding=encoding)
    image.is_bigendian = big_endian
    image.data.frombytes(data)
    try:
        rgb = read_rgb(image)
    except ImageError:
        return
    assert rgb.shape == (height, width, 3)


@settings(max_examples=400, deadline=None)
@given(
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    padding=st.integers(0, 5),
    encoding=st.sampled_from(list(ENCODINGS)),
    data=st.data(),
)
def test_any_size_is_read_whatever_it_holds(
    height: int, width: int, padding: int, encoding: str, data: st.DataObject
) -> None:
    layout = ENCODINGS[encoding]
    step = layout.row_bytes(width) + padding
    image = Image(height=height, width=width, step=step, encoding=encoding)
    size = step * layout.rows(height)
    image.data.frombytes(data.draw(st.binary(min_size=size, max_size=size)))
    odd = (layout.even_width and width % 2) or (layout.even_height and height % 2)
    if odd:
        with pytest.raises(ImageError, match="needs an even"):
            read_rgb(image)
    else:
        assert read_rgb(image).shape == (height, width, 3)


@pytest.mark.parametrize("big_endian", [False, True])
def test_samples_of_sixteen_bits_come_with_their_own_values(make_image, big_endian: bool) -> None:
    values = np.arange(48, dtype=np.uint16).reshape(6, 8, 1) * 83
    samples = read_samples(make_image(values, "mono16", 6, big_endian))

    assert samples.dtype == np.uint16
    np.testing.assert_array_equal(samples, values.repeat(3, axis=2))
