"""The lossless mode for offline replay, over DDS: a burst comes out whole, in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from sensor_msgs.msg import Image

from apanet_ros.stamps import nanoseconds

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
PAIRS = 30
VIEW = np.random.default_rng(6).integers(0, 256, (192, 256, 3), np.uint8)
STAMPS = [START + number * SECOND for number in range(PAIRS)]


def send_burst(cameras: Any) -> None:
    for stamp in STAMPS:
        for side in ("left", "right"):
            cameras.send_info(side, stamp)
    # All of one camera before any of the other: nothing may be pushed out meanwhile.
    for side in ("left", "right"):
        for stamp in STAMPS:
            cameras.send(side, VIEW, stamp)


def test_a_burst_waits_for_a_subscriber_and_comes_out_whole(
    start_node: Any, peer: Any, cameras: Any, make_derained: Any
) -> None:
    # Nothing else lets a pair wait for camera_infos, which travel on topics of their own.
    node = start_node(
        replay="true", camera_info="synchronised", latency_budget_ms=1.0, over_budget="drop"
    )
    cameras.connect()
    send_burst(cameras)
    peer.spin_for(1.5)
    # A recorder subscribes to one topic after the other, and is to get the first pair whole too.
    peer.collect(Image, "/derained/left/image_rect")
    peer.spin_for(0.4)
    derained = make_derained("/derained")
    peer.spin_until(lambda: len(derained.right) == PAIRS, "every pair")
    assert [nanoseconds(image.header.stamp) for image in derained.left] == STAMPS
    assert [nanoseconds(image.header.stamp) for image in derained.right] == STAMPS
    peer.spin_until(lambda: len(derained.right_info) == PAIRS, "every camera_info")
    widths = [info.width for info in derained.left_info]
    assert widths == [stamp // 1_000_000 % 1_000_000 for stamp in STAMPS], "each its own"
    values = derained.wait_for_value("pairs", "derained", PAIRS)
    assert values["paired"] == values["derained"] == str(PAIRS)
    assert derained.values("input")["left_unpaired"] == "0"
    assert node.stop() == 0


def test_without_it_the_same_burst_loses_pairs(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node(input_reliability="reliable", input_depth=100)
    cameras.connect()
    send_burst(cameras)
    derained.wait_for("input", lambda values: values["right_received"] == str(PAIRS))
    values = derained.wait_for("pairs", lambda values: values["in_flight"] == "0")
    assert int(values["derained"]) < PAIRS
