"""Image messages to pixels and back, worked by hand on small pictures."""

from __future__ import annotations

import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy")

from sensor_msgs.msg import Image
from std_msgs.msg import Header

from apanet_core.errors import ImageError
from apanet_ros.image_conversion import ENCODINGS, ByteImage, read_rgb, write_rgb

PICTURE = np.random.default_rng(3).integers(0, 256, (5, 7, 3), np.uint8)
ALPHA = np.arange(35, dtype=np.uint8).reshape(5, 7, 1)
IN_ENCODING = {
    "rgb8": PICTURE,
    "bgr8": PICTURE[..., ::-1],
    "rgba8": np.concatenate([PICTURE, ALPHA], axis=2),
    "bgra8": np.concatenate([PICTURE[..., ::-1], ALPHA], axis=2),
    "mono8": ALPHA,
}


def message(pixels: ByteImage, encoding: str, padding: int = 0) -> Image:
    height, width, channels = pixels.shape
    rows = np.full((height, width * channels + padding), 99, np.uint8)
    rows[:, : width * channels] = pixels.reshape(height, -1)
    image = Image(height=height, width=width, encoding=encoding, step=rows.shape[1])
    image.header.frame_id = "camera"
    image.data = array.array("B", rows.tobytes())
    return image


@pytest.mark.parametrize("padding", [0, 9])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_becomes_rgb(encoding: str, padding: int) -> None:
    rgb = read_rgb(message(IN_ENCODING[encoding], encoding, padding))
    expected = np.repeat(ALPHA, 3, axis=2) if encoding == "mono8" else PICTURE
    np.testing.assert_array_equal(rgb, expected)


@pytest.mark.parametrize("padding", [0, 9])
def test_rgb8_is_a_view_of_the_message(padding: int) -> None:
    image = message(PICTURE, "rgb8", padding)
    rgb = read_rgb(image)
    image.data[0] = 255 - PICTURE[0, 0, 0]
    assert rgb[0, 0, 0] == 255 - PICTURE[0, 0, 0]


@pytest.mark.parametrize("padding", [0, 9])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_writing_what_was_read_gives_the_same_pixels(encoding: str, padding: int) -> None:
    original = message(IN_ENCODING[encoding], encoding, padding)
    written = write_rgb(read_rgb(original), "same", original)
    assert bytes(written.data) == IN_ENCODING[encoding].tobytes()
    assert (written.height, written.width, written.encoding) == (5, 7, encoding)
    assert written.step == 7 * IN_ENCODING[encoding].shape[2]
    assert written.header.frame_id == "camera"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_chosen_encoding_is_written_whatever_came_in(encoding: str) -> None:
    original = message(PICTURE, "rgb8")
    written = write_rgb(read_rgb(original), encoding, original)
    assert written.encoding == encoding
    again = read_rgb(written)
    if encoding == "mono8":
        gray = PICTURE @ np.array([0.299, 0.587, 0.114])
        assert np.abs(again[..., 0] - gray).max() <= 1
    else:
        np.testing.assert_array_equal(again, PICTURE)
    if encoding in ("rgba8", "bgra8"):
        assert set(bytes(written.data)[3::4]) == {255}


def test_alpha_goes_along_between_the_encodings_that_have_it() -> None:
    original = message(IN_ENCODING["bgra8"], "bgra8", padding=3)
    written = write_rgb(read_rgb(original), "rgba8", original)
    assert bytes(written.data) == IN_ENCODING["rgba8"].tobytes()


def test_an_unsupported_encoding_is_named_with_those_there_are() -> None:
    image = message(PICTURE, "rgb8")
    image.encoding = "bayer_rggb8"
    with pytest.raises(ImageError, match=r"'bayer_rggb8' is not supported: convert to one of rgb8"):
        read_rgb(image)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("height", 0, r"The image is empty \(7 x 0 rgb8\)"),
        ("width", 0, r"The image is empty \(0 x 5 rgb8\)"),
        ("step", 20, r"A row of 7 x 5 rgb8 takes 21 bytes, the image's step says 20"),
        ("step", 22, r"5 rows of 22 bytes are 110 bytes, the image holds 105"),
        ("height", 6, r"6 rows of 21 bytes are 126 bytes, the image holds 105"),
        ("encoding", "rgba8", r"A row of 7 x 5 rgba8 takes 28 bytes, the image's step says 21"),
    ],
)
def test_size_step_and_data_must_agree(field: str, value: object, sentence: str) -> None:
    image = message(PICTURE, "rgb8")
    setattr(image, field, value)
    with pytest.raises(ImageError, match=sentence):
        read_rgb(image)


def test_truncated_data_is_refused() -> None:
    image = message(PICTURE, "rgb8")
    del image.data[-1]
    with pytest.raises(ImageError, match="are 105 bytes, the image holds 104"):
        read_rgb(image)


@given(
    height=st.integers(0, 2**32 - 1),
    width=st.integers(0, 2**32 - 1),
    step=st.integers(0, 2**32 - 1),
    encoding=st.sampled_from([*ENCODINGS, "", "nonsense"]),
    data=st.binary(max_size=64),
)
def test_any_message_is_read_or_refused(
    height: int, width: int, step: int, encoding: str, data: bytes
) -> None:
    image = Image(height=height, width=width, step=step, encoding=encoding)
    image.data.frombytes(data)
    try:
        rgb = read_rgb(image)
    except ImageError:
        return
    assert rgb.shape == (height, width, 3)


def test_the_header_is_that_of_the_original() -> None:
    original = message(PICTURE, "rgb8")
    original.header = Header(frame_id="left_optical")
    original.header.stamp.sec = 12
    written = write_rgb(read_rgb(original), "bgr8", original)
    assert written.header == original.header
