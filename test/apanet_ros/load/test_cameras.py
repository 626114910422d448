from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("rclpy")

from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo

from apanet_ros.bags.header_stamp import header_stamp_ns
from apanet_ros.load.cameras import pictures, stamped


def test_a_serialised_message_is_stamped_and_stays_as_it_was_else() -> None:
    info = CameraInfo(width=640, height=480)
    info.header.frame_id = "left_optical"
    again = stamped(serialize_message(info), 1_700_000_000_123_456_789)
    assert header_stamp_ns(again) == 1_700_000_000_123_456_789
    read = deserialize_message(again, CameraInfo)
    assert (read.width, read.height, read.header.frame_id) == (640, 480, "left_optical")


def test_the_right_picture_is_the_left_one_seen_from_the_right() -> None:
    views = list(pictures(48, 64))
    left, right = views[0]
    assert left.shape == right.shape == (48, 64, 3)
    assert left.dtype == np.uint8
    np.testing.assert_array_equal(right[:, :58], left[:, 6:])
    assert any((left != other).any() for other, _ in views[1:])
