"""Pairs and camera_infos from real messages, no topic between."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo, Image

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.stereo_input import (
    CAMERA_INFOS_OVERDUE_SECONDS,
    InputOptions,
    StereoInput,
    StereoPair,
)

MILLISECOND = 1_000_000


def image(milliseconds: int) -> Image:
    message = Image()
    message.header.stamp.nanosec = milliseconds * MILLISECOND
    return message


def camera_info(milliseconds: int, width: int = 0) -> CameraInfo:
    message = CameraInfo(width=width)
    message.header.stamp.nanosec = milliseconds * MILLISECOND
    return message


def make_input(slop_milliseconds: int = 0, **options: Any) -> tuple[StereoInput, list[StereoPair]]:
    pairs: list[StereoPair] = []
    ticks = iter(range(100))
    stereo_input = StereoInput(
        InputOptions(slop_milliseconds * MILLISECOND, 5, **options),
        pairs.append,
        clock=lambda: float(next(ticks)),
        warn=print,
    )
    return stereo_input, pairs


def test_a_pair_is_delivered_with_its_messages_stamps_and_receipt() -> None:
    stereo_input, pairs = make_input(slop_milliseconds=5)
    left, right = image(100), image(100)
    stereo_input.take_image(Side.LEFT, left)
    assert pairs == []
    stereo_input.take_image(Side.RIGHT, right)
    (pair,) = pairs
    assert pair.left.message is left
    assert pair.right.message is right
    assert (pair.left.received, pair.right.received) == (0.0, 1.0)
    assert pair.left_stamp == pair.right_stamp == 100 * MILLISECOND


def test_the_limits_change_for_the_next_image() -> None:
    stereo_input, pairs = make_input(slop_milliseconds=0)
    for milliseconds in (100, 200):
        stereo_input.take_image(Side.LEFT, image(milliseconds))
        stereo_input.take_image(Side.RIGHT, image(milliseconds + 2))
    assert pairs == []
    stereo_input.configure(InputOptions(2 * MILLISECOND, 5))
    stereo_input.take_image(Side.LEFT, image(300))
    stereo_input.take_image(Side.RIGHT, image(302))
    assert [pair.left_stamp // MILLISECOND for pair in pairs] == [100, 200, 300]


def test_a_camera_info_is_found_by_stamp_else_the_latest_is() -> None:
    stereo_input, _ = make_input()
    assert stereo_input.camera_info(Side.LEFT, 100 * MILLISECOND) is None
    for milliseconds in (100, 200, 300):
        stereo_input.take_camera_info(Side.LEFT, camera_info(milliseconds, width=milliseconds))
    by_stamp = stereo_input.camera_info(Side.LEFT, 200 * MILLISECOND)
    latest = stereo_input.camera_info(Side.LEFT, 400 * MILLISECOND)
    assert (by_stamp.width, latest.width) == (200, 300)
    assert stereo_input.camera_info(Side.RIGHT, 200 * MILLISECOND) is None


def test_the_snapshot_counts_every_message() -> None:
    stereo_input, pairs = make_input()
    for side, milliseconds in ((Side.LEFT, 1), (Side.LEFT, 2), (Side.RIGHT, 2), (Side.RIGHT, 8)):
        stereo_input.take_image(side, image(milliseconds))
    stereo_input.take_image(Side.LEFT, image(5))
    stereo_input.take_camera_info(Side.RIGHT, camera_info(2))
    now = stereo_input.snapshot()
    assert len(pairs) == now.frames[Side.LEFT].paired == 1
    assert now.frames[Side.LEFT].received == 3
    assert now.frames[Side.LEFT].unpaired == 1
    assert now.frames[Side.RIGHT].waiting == 1
    assert now.camera_infos == {Side.LEFT: 0, Side.RIGHT: 1}
    assert now.waiting_skew == 3 * MILLISECOND


def test_stamp_jumps_are_counted() -> None:
    stereo_input, _ = make_input()
    stereo_input.take_image(Side.LEFT, image(500))
    stereo_input.take_image(Side.LEFT, image(0))
    assert stereo_input.snapshot().stamp_jumps == 1


def test_an_offset_is_added_before_stamps_are_compared_and_messages_keep_theirs() -> None:
    stereo_input, pairs = make_input(right_offset=-40 * MILLISECOND)
    stereo_input.take_image(Side.LEFT, image(100))
    stereo_input.take_image(Side.RIGHT, image(140))
    (pair,) = pairs
    assert (pair.left_stamp, pair.right_stamp) == (100 * MILLISECOND, 100 * MILLISECOND)
    assert pair.right.message.header.stamp.nanosec == 140 * MILLISECOND
    stereo_input.configure(InputOptions(0, 5, left_offset=5 * MILLISECOND))
    stereo_input.take_image(Side.LEFT, image(200))
    stereo_input.take_image(Side.RIGHT, image(205))
    assert pairs[1].skew == 0


def test_pairs_are_counted_by_their_skew() -> None:
    stereo_input, _ = make_input(slop_milliseconds=5)
    for at, skew in ((100, 0), (200, -2), (300, 4)):
        stereo_input.take_image(Side.LEFT, image(at))
        stereo_input.take_image(Side.RIGHT, image(at + skew))
    stereo_input.take_image(Side.LEFT, image(400))
    skews = stereo_input.snapshot().skews
    assert (skews.bins["to_0"], skews.bins["to_3"], skews.bins["to_10"]) == (1, 1, 1)
    assert skews.median == 0
    stereo_input.reset_counts()
    assert sum(stereo_input.snapshot().skews.bins.values()) == 0


def test_synchronised_pairs_wait_for_the_camera_infos_of_their_own_stamps() -> None:
    stereo_input, pairs = make_input(slop_milliseconds=5, camera_info="synchronised")
    for at in (100, 200):
        stereo_input.take_image(Side.LEFT, image(at))
        stereo_input.take_image(Side.RIGHT, image(at))
    stereo_input.take_camera_info(Side.LEFT, camera_info(100))
    stereo_input.take_camera_info(Side.LEFT, camera_info(200))
    assert pairs == []
    assert stereo_input.snapshot().awaiting_camera_info == 2
    stereo_input.take_camera_info(Side.RIGHT, camera_info(200))
    assert [pair.left_stamp // MILLISECOND for pair in pairs] == [200]
    now = stereo_input.snapshot()
    assert (now.awaiting_camera_info, now.lacking_camera_info) == (0, 1)
    assert stereo_input.camera_info(Side.RIGHT, 100 * MILLISECOND) is None
    assert stereo_input.latest_camera_info(Side.RIGHT) is not None


def test_synchronised_pairs_whose_camera_infos_came_first_go_at_once() -> None:
    stereo_input, pairs = make_input(camera_info="synchronised", right_offset=3 * MILLISECOND)
    stereo_input.take_camera_info(Side.LEFT, camera_info(103))
    stereo_input.take_camera_info(Side.RIGHT, camera_info(100))
    stereo_input.take_image(Side.LEFT, image(103))
    stereo_input.take_image(Side.RIGHT, image(100))
    assert len(pairs) == 1


def test_what_waits_for_camera_infos_is_let_go_with_the_rest() -> None:
    stereo_input, pairs = make_input(camera_info="synchronised")
    for side in Side:
        stereo_input.take_image(side, image(100))
    stereo_input.forget_waiting()
    for side in Side:
        stereo_input.take_camera_info(side, camera_info(100))
    assert pairs == []
    assert stereo_input.snapshot().lacking_camera_info == 1


def test_while_pairs_wait_for_their_camera_infos_there_is_room_for_no_more_of_them() -> None:
    now = 0.0
    options = InputOptions(0, 2, camera_info="synchronised")
    pairs: list[StereoPair] = []
    stereo_input = StereoInput(options, pairs.append, clock=lambda: now, warn=print)
    for milliseconds in (100, 200):
        assert stereo_input.has_room(Side.LEFT)
        for side in Side:
            stereo_input.take_image(side, image(milliseconds))
    assert not any(stereo_input.has_room(side) for side in Side)
    now += CAMERA_INFOS_OVERDUE_SECONDS
    for side in Side:
        stereo_input.take_camera_info(side, camera_info(100))
    assert len(pairs) == 1
    assert stereo_input.has_room(Side.LEFT)
    assert stereo_input.snapshot().lacking_camera_info == 0


def test_where_no_camera_info_comes_for_long_pairs_make_room_without() -> None:
    now = 0.0
    options = InputOptions(0, 1, camera_info="synchronised")
    stereo_input = StereoInput(options, lambda _: None, clock=lambda: now, warn=print)
    for side in Side:
        stereo_input.take_image(side, image(100))
    assert not stereo_input.has_room(Side.LEFT)
    now += CAMERA_INFOS_OVERDUE_SECONDS + 0.1
    for side in Side:
        assert stereo_input.has_room(side)
        stereo_input.take_image(side, image(200))
    assert stereo_input.snapshot().lacking_camera_info == 1
    assert stereo_input.has_room(Side.LEFT), "the next need not wait as long again"
