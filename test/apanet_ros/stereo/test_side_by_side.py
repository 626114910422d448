"""Images of both views, cut in two."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from apanet_core.errors import ImageError
from apanet_ros.image_conversion import read_rgb, write_compressed, write_rgb
from apanet_ros.stereo.side_by_side import camera_info_halves, image_halves

BOTH = np.random.default_rng(3).integers(0, 256, (12, 32, 3), np.uint8)


def raw(encoding: str, width: int, height: int, pixel_bytes: int, padding: int = 0) -> Image:
    """Noise of an encoding, its rows padded."""
    step = width * pixel_bytes + padding
    rows = height * 3 // 2 if encoding.startswith("nv") else height
    data = np.random.default_rng(1).integers(0, 256, rows * step, np.uint8)
    image = Image(width=width, height=height, encoding=encoding, step=step)
    image.header.frame_id = "camera"
    image.data.frombytes(data.tobytes())
    return image


@pytest.mark.parametrize(
    ("encoding", "pixel_bytes"),
    [
        ("rgb8", 3),
        ("bgra8", 4),
        ("mono8", 1),
        ("mono16", 2),
        ("rgb16", 6),
        ("bayer_rggb8", 1),
        ("bayer_grbg16", 2),
        ("uyvy", 2),
        ("yuyv", 2),
        ("nv12", 1),
        ("nv21", 1),
    ],
)
@pytest.mark.parametrize("padding", [0, 6])
def test_pixels_stay_as_they_are_in_every_encoding(encoding, pixel_bytes, padding) -> None:
    message = raw(encoding, 32, 12, pixel_bytes, padding)
    message.is_bigendian = 1

    views = image_halves(message)

    for view, columns in zip(views, (slice(0, 16), slice(16, 32)), strict=True):
        assert (view.width, view.height, view.encoding) == (16, 12, encoding)
        assert (view.step, view.is_bigendian) == (16 * pixel_bytes, 1)
        assert view.header == message.header
        whole = np.frombuffer(message.data, np.uint8).reshape(-1, message.step)
        first, last = columns.start * pixel_bytes, columns.stop * pixel_bytes
        own = np.frombuffer(view.data, np.uint8).reshape(-1, view.step)
        np.testing.assert_array_equal(own, whole[:, first:last])
        if not encoding.startswith("bayer"):  # its colours are guessed across the seam
            np.testing.assert_array_equal(read_rgb(view), read_rgb(message)[:, columns])


def test_of_an_odd_width_the_middle_column_belongs_to_neither() -> None:
    message = write_rgb(BOTH[:, :31].copy(), "rgb8", Image(encoding="rgb8"))
    left, right = map(read_rgb, image_halves(message))
    np.testing.assert_array_equal(left, BOTH[:, :15])
    np.testing.assert_array_equal(right, BOTH[:, 16:31])


def test_where_chroma_would_be_cut_in_two_the_views_are_rgb8() -> None:
    message = raw("uyvy", 30, 12, 2)
    views = image_halves(message)
    assert [(view.width, view.encoding) for view in views] == [(15, "rgb8")] * 2
    np.testing.assert_array_equal(
        np.concatenate([read_rgb(view) for view in views], axis=1), read_rgb(message)
    )


@pytest.mark.parametrize("file_format", ["png", "jpeg"])
def test_compressed_images_become_raw_views(file_format) -> None:
    like = Image(encoding="rgb8")
    like.header.frame_id = "camera"
    message = write_compressed(BOTH, "rgb8", like, file_format, 95)
    views = image_halves(message)
    assert all(view.header.frame_id == "camera" for view in views)
    np.testing.assert_array_equal(
        np.concatenate([read_rgb(view) for view in views], axis=1), read_rgb(message)
    )


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (raw("rgb8", 1, 4, 3), "An image 1 px wide holds no two views side by side"),
        (CompressedImage(format="jpeg", data=b"nothing"), "is neither JPEG nor PNG"),
        (Image(width=8, height=8, encoding="rgb8", step=24), "the image holds 0"),
    ],
)
def test_what_cannot_be_cut_is_refused(message, sentence) -> None:
    with pytest.raises(ImageError, match=sentence):
        image_halves(message)


def info(**fields: object) -> CameraInfo:
    whole = CameraInfo(width=1280, height=400, distortion_model="plumb_bob", d=[0.1] * 5)
    whole.k = [500.0, 0.0, 300.0, 0.0, 500.0, 200.0, 0.0, 0.0, 1.0]
    whole.r = list(np.eye(3).flat)
    whole.p = [480.0, 0.0, 310.0, -50.0, 0.0, 480.0, 200.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    for name, value in fields.items():
        setattr(whole, name, value)
    return whole


def test_a_camera_info_is_halved_and_the_right_centre_moved() -> None:
    whole = info()
    left, right = camera_info_halves(whole)
    assert [left.width, left.height, left.k[2], left.p[2]] == [640, 400, 300.0, 310.0]
    assert [right.width, right.k[2], right.p[2], right.p[3]] == [640, -340.0, -330.0, -50.0]
    assert list(right.d) == [0.1] * 5
    assert whole.width == 1280, "the whole one stays as it was"


def test_binning_and_a_region_are_in_the_numbers_of_the_halves() -> None:
    whole = info(binning_x=2, binning_y=2)
    whole.roi.x_offset, whole.roi.width, whole.roi.height = 100, 800, 400
    left, right = camera_info_halves(whole)
    assert [left.width, left.height, left.binning_x, left.roi.width] == [200, 200, 0, 0]
    assert right.k[2] == pytest.approx(left.k[2] - 200)


def test_a_camera_that_is_not_calibrated_stays_so() -> None:
    left, right = camera_info_halves(CameraInfo(width=1280, height=400))
    assert [left.width, right.width] == [640, 640]
    assert not any(right.k)
    assert not any(right.p)
