"""Pairs of real messages to pictures and back, with everything that may be chosen between."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo, Image

from apanet_core.errors import ImageError
from apanet_core.streaming.pairing import Side
from apanet_ros.image_conversion import read_rgb, write_compressed, write_rgb
from apanet_ros.stereo.stereo_conversion import ConversionOptions, StereoConversion
from apanet_ros.stereo.stereo_input import ReceivedImage, StereoPair

LEFT, RIGHT = np.random.default_rng(2).integers(0, 256, (2, 48, 64, 3), np.uint8)


def pair_of(left: Any, right: Any) -> StereoPair:
    return StereoPair(ReceivedImage(left, 0.0), ReceivedImage(right, 0.0), 7, 7)


def raw_pair(encoding: str = "bgr8") -> StereoPair:
    like = Image(encoding=encoding)
    like.header.stamp.nanosec = 7
    return pair_of(write_rgb(LEFT, "same", like), write_rgb(RIGHT, "same", like))


def camera_info(width: int = 64, height: int = 48, k1: float = -0.3) -> CameraInfo:
    info = CameraInfo(width=width, height=height, distortion_model="plumb_bob")
    info.d = [k1, 0.0, 0.0, 0.0, 0.0]
    scale = width / 64
    info.k = [50.0 * scale, 0.0, 32.0 * scale, 0.0, 50.0 * scale, 24.0 * scale, 0.0, 0.0, 1.0]
    info.r = list(np.eye(3).flat)
    info.p = [45.0, 0.0, 31.0, -9.0, 0.0, 45.0, 23.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def conversion(info: CameraInfo | None = None, **options: Any) -> StereoConversion:
    return StereoConversion(ConversionOptions(**options), lambda *_: info)


def test_what_is_read_is_written_for_the_sides_that_are_asked_for() -> None:
    pair = raw_pair()
    both = conversion()
    views = both.read(pair)
    np.testing.assert_array_equal(views, [LEFT, RIGHT])
    written = both.write(pair, views)
    assert list(written) == list(Side)
    np.testing.assert_array_equal(read_rgb(written[Side.RIGHT]), RIGHT)
    assert list(both.write(pair, views, [Side.RIGHT])) == [Side.RIGHT]


def test_views_of_two_sizes_are_refused() -> None:
    small = write_rgb(RIGHT[:24], "rgb8", Image())
    with pytest.raises(ImageError, match="Left is 64 x 48, right 64 x 24: both must have one size"):
        conversion().read(pair_of(raw_pair().left.message, small))


def test_a_bad_image_is_named_by_its_side() -> None:
    with pytest.raises(ImageError, match=r"^right image: The encoding '' is not supported"):
        conversion().read(pair_of(raw_pair().left.message, Image()))


def test_forwarded_messages_are_those_that_came_where_nothing_is_to_change() -> None:
    pair = raw_pair()
    assert conversion().forward(pair) == {
        Side.LEFT: pair.left.message,
        Side.RIGHT: pair.right.message,
    }
    assert conversion(encoding="bgr8").forward(pair)[Side.LEFT] is pair.left.message
    assert list(conversion().forward(pair, [Side.LEFT])) == [Side.LEFT]


def test_forwarded_messages_are_as_chosen_otherwise() -> None:
    pair = raw_pair()
    assert conversion(encoding="mono8").forward(pair)[Side.LEFT].encoding == "mono8"
    assert conversion(transport="png").forward(pair)[Side.LEFT].format.startswith("bgr8; png")
    half = conversion(scale=0.5).forward(pair)[Side.LEFT]
    assert (half.width, half.height, half.encoding) == (32, 24, "bgr8")
    rectified = conversion(camera_info(), rectify=True).forward(pair)[Side.LEFT]
    assert rectified.data != pair.left.message.data


def test_a_mosaic_goes_out_in_one_encoding_derained_or_not() -> None:
    mosaics = [Image(height=6, width=8, step=8, encoding="bayer_gbrg8") for _ in Side]
    for mosaic in mosaics:
        mosaic.data.frombytes(bytes(range(48)))
    pair, own = pair_of(*mosaics), conversion()
    derained = own.write(pair, own.read(pair))[Side.LEFT]
    assert own.forward(pair)[Side.LEFT].encoding == derained.encoding == "rgb8"


def test_compressed_pairs_come_in_and_go_out() -> None:
    like = Image(encoding="rgb8")
    pair = pair_of(*(write_compressed(view, "rgb8", like, "png", 0) for view in (LEFT, RIGHT)))
    raw = conversion()
    np.testing.assert_array_equal(raw.read(pair), [LEFT, RIGHT])
    assert raw.forward(pair)[Side.LEFT].encoding == "rgb8"
    np.testing.assert_array_equal(read_rgb(raw.forward(pair)[Side.RIGHT]), RIGHT)
    compressed = conversion(transport="jpeg", jpeg_quality=30)
    assert compressed.forward(pair)[Side.LEFT] is pair.left.message
    written = compressed.write(pair, raw.read(pair))[Side.LEFT]
    assert written.format == "rgb8; jpeg compressed bgr8"
    better = conversion(transport="jpeg", jpeg_quality=90).write(pair, raw.read(pair))[Side.LEFT]
    assert len(better.data) > len(written.data)


def test_a_resized_output_has_its_camera_info_resized() -> None:
    info = camera_info()
    half = conversion(info, scale=0.5)
    pair = raw_pair()
    views = half.read(pair)
    out = half.write(pair, views)[Side.LEFT]
    expected = cv2.resize(LEFT, (32, 24), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(read_rgb(out), expected)
    described = half.camera_info(Side.LEFT, 7)
    assert described is not None
    assert (described.width, described.height) == (32, 24)
    assert list(described.k)[:3] == pytest.approx([25.0, 0.0, 15.75])
    assert conversion(info).camera_info(Side.LEFT, 7) is info


def test_rectified_outputs_are_what_opencv_makes_and_are_described_by_p() -> None:
    info = camera_info()
    rectifying = conversion(info, rectify=True)
    views = rectifying.read(raw_pair())
    matrix, bend = np.reshape(info.k, (3, 3)), np.array(info.d)
    new_matrix = np.reshape(info.p, (3, 4))[:, :3]
    expected = cv2.undistort(LEFT, matrix, bend, None, new_matrix)
    assert np.abs(views[0].astype(int) - expected).mean() < 1
    described = rectifying.camera_info(Side.LEFT, 7)
    assert described is not None
    assert not any(described.d)
    assert list(described.p) == list(info.p)
    assert list(described.k)[:3] == [45.0, 0.0, 31.0]


def test_rectified_outputs_of_a_resized_input_have_p_of_its_size() -> None:
    info = camera_info(width=128, height=96)
    rectifying = conversion(info, rectify=True)
    rectifying.read(raw_pair())
    described = rectifying.camera_info(Side.LEFT, 7)
    assert described is not None
    assert (described.width, described.height) == (64, 48)
    assert described.p[0] == 22.5


def test_alpha_of_a_raw_image_does_not_stay_where_the_rectified_one_has_moved() -> None:
    pair = raw_pair("bgra8")
    pair.left.message.data[3::4] = pair.left.message.data[0::4]
    kept = conversion().write(pair, (LEFT, RIGHT))[Side.LEFT]
    rectified = conversion(camera_info(), rectify=True).write(pair, (LEFT, RIGHT))[Side.LEFT]
    assert kept.data[3::4] == pair.left.message.data[3::4]
    assert set(rectified.data[3::4]) == {255}


@pytest.mark.parametrize(
    ("info", "sentence"),
    [
        (None, "left image: No camera_info has come yet, and rectify needs one: remap"),
        (CameraInfo(), "left image: The camera_info is for 0 x 0, the image 64 x 48"),
        (CameraInfo(width=64, height=48), "left image: The camera_info has no focal length in K"),
    ],
)
def test_without_a_camera_info_that_fits_it_does_not_rectify(info: Any, sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence):
        conversion(info, rectify=True).read(raw_pair())


def test_without_a_camera_info_there_is_none_to_send() -> None:
    assert conversion(None, rectify=True, scale=0.5).camera_info(Side.LEFT, 7) is None


def test_the_camera_info_of_the_images_own_stamp_rectifies_it() -> None:
    asked: list[tuple[Side, int]] = []

    def find(side: Side, stamp: int) -> CameraInfo:
        asked.append((side, stamp))
        return camera_info()

    StereoConversion(ConversionOptions(rectify=True), find).read(raw_pair())
    assert asked == [(Side.LEFT, 7), (Side.RIGHT, 7)]


def deep_pair(most: int, encoding: str = "mono16") -> StereoPair:
    """Views of 16 bits whose values go up to `most`."""
    messages = []
    for view in (LEFT, RIGHT):
        values = (view[..., 0] / 255 * most).astype(np.uint16)
        values[0, 0] = most
        message = Image(height=48, width=64, encoding=encoding, step=128)
        message.data.frombytes(values.tobytes())
        messages.append(message)
    return pair_of(*messages)


def test_twelve_bits_of_sixteen_show_their_scene_and_go_back_in_their_range() -> None:
    pair, both = deep_pair(4095), conversion()

    views = both.read(pair)
    written = both.write(pair, views)

    assert np.abs(views[0][..., 0] / 257 - LEFT[..., 0])[1:].max() < 1
    for side in Side:
        assert written[side].encoding == "mono16"
        assert written[side].data == pair.frame(side).message.data


def test_the_bits_that_are_found_only_grow() -> None:
    both = conversion()
    white = []
    for most in (900, 4000, 200, 3000):
        left, _ = both.read(deep_pair(most))
        white.append(round(most * 65535 / int(left.max())))

    assert white == pytest.approx([1023, 4095, 4095, 4095], abs=2)


def test_bits_may_be_given_and_what_is_above_is_cut_off() -> None:
    both = conversion(bits=12)

    left, _ = both.read(deep_pair(200))
    cut, _ = both.read(deep_pair(65535))

    assert int(left.max()) == round(200 * 65535 / 4095)
    assert int(cut.max()) == 65535
    assert (cut == 65535).mean() > 0.9


def test_twelve_bits_go_out_in_eight_as_bright_as_they_are() -> None:
    for options in ({"encoding": "mono8"}, {"transport": "jpeg", "jpeg_quality": 100}):
        pair, both = deep_pair(4095), conversion(**options)
        written = both.write(pair, both.read(pair))
        found = read_rgb(written[Side.LEFT])[1:, :, 0].astype(int)
        assert np.abs(found - LEFT[1:, :, 0]).max() <= (2 if "encoding" in options else 12)


def test_a_mosaic_of_sixteen_bits_goes_out_with_eight_or_with_those_asked_for() -> None:
    pair = deep_pair(4095, "bayer_rggb16")
    for encoding, expected in (("same", "rgb8"), ("rgb16", "rgb16")):
        both = conversion(encoding=encoding)
        assert both.write(pair, both.read(pair))[Side.LEFT].encoding == expected


def test_an_image_of_eight_bits_beside_one_of_sixteen_is_taken() -> None:
    deep = deep_pair(4095)
    pair = pair_of(write_rgb(LEFT, "mono8", Image()), deep.right.message)
    both = conversion()

    written = both.write(pair, both.read(pair))

    assert written[Side.LEFT].data == pair.left.message.data
    assert written[Side.RIGHT].data == pair.right.message.data
