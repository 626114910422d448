"""What cameras and their drivers do wrong, over DDS, one after the other to one node."""

from __future__ import annotations

import array
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from sensor_msgs.msg import Image

YEAR = 365 * 24 * 3600 * 1_000_000_000
PAIRS = 6
LARGE_PAIRS = 10
"""If each left one of its images behind, that would be twice what a node may hold."""
HUGE = 2**32 - 1


@pytest.fixture(scope="module")
def robot(open_robot: Any) -> Iterator[Any]:
    """Reliable inputs, so that what is sent comes."""
    with open_robot(
        input_reliability="reliable", input_depth=50, latency_reference="receipt"
    ) as robot:
        yield robot


def one_camera_dies(side: str) -> Callable[[Any], None]:
    def fault(robot: Any) -> None:
        other = "right" if side == "left" else "left"
        robot.cameras.close(side)

        def is_told() -> bool:
            robot.cameras.send(other, robot.views[other], robot.next_stamp())
            robot.peer.spin_for(0.1)
            sentence = f"No image on /{side}/image_rect for"
            return robot.derained.status("input").message.startswith(sentence)

        robot.peer.spin_until(is_told, "the sentence about the camera that is silent")
        robot.cameras.open(side)
        robot.cameras.connect()

    return fault


def both_cameras_die(robot: Any) -> None:
    for side in robot.views:
        robot.cameras.close(side)
    for side in robot.views:
        robot.cameras.open(side)
    robot.cameras.connect()


def stamps(*wrong: Callable[[int], tuple[int, int]]) -> Callable[[Any], None]:
    """Stamps of left and right that are made from the right ones in turn."""

    def fault(robot: Any) -> None:
        for number in range(PAIRS):
            at = robot.next_stamp()
            for (side, view), stamp in zip(
                robot.views.items(), wrong[number % len(wrong)](at), strict=True
            ):
                robot.cameras.send(side, view, stamp)
        robot.peer.spin_for(0.1)

    return fault


def images(**changes: Any) -> Callable[[Any], None]:
    """Images of both cameras whose fields are wrong."""

    def fault(robot: Any) -> None:
        for _ in range(PAIRS):
            robot.send_pair(**changes)
        robot.peer.spin_for(0.1)

    return fault


def of_size(height: int, width: int) -> dict[str, Any]:
    pixels = array.array("B", bytes(height * width * 3))
    return {"height": height, "width": width, "step": 3 * width, "data": pixels}


def one_large_pair(robot: Any) -> None:
    count = len(robot.derained.right)
    pixels = array.array("B", bytes(4320 * 7680))
    robot.send_pair(height=4320, width=7680, step=7680, encoding="mono8", data=pixels)
    robot.peer.spin_until(lambda: len(robot.derained.right) > count, "the 8K pair as it came")
    assert robot.derained.right[-1].width == 7680


def one_side_of_another_size(robot: Any) -> None:
    for _ in range(PAIRS):
        at = robot.next_stamp()
        robot.cameras.send("left", robot.views["left"], at)
        robot.cameras.send("right", robot.views["right"][:40], at)


def sizes_that_alternate(robot: Any) -> None:
    for number in range(2 * PAIRS):
        robot.send_pair(**of_size(*((48, 64), (64, 96), (33, 47))[number % 3]))


def encodings_that_alternate(robot: Any) -> None:
    for encoding in ("rgb8", "mono8", "bgra8", "bayer_rggb8", "yuyv", "mono16", "nv12"):
        pixel_bytes = {"bgra8": 4, "yuyv": 2, "mono16": 2, "rgb8": 3}.get(encoding, 1)
        rows = 72 if encoding == "nv12" else 48
        data = array.array("B", bytes(rows * 64 * pixel_bytes))
        robot.send_pair(encoding=encoding, step=64 * pixel_bytes, data=data)


def camera_infos_stop(robot: Any) -> None:
    for _ in range(PAIRS):
        at = robot.next_stamp()
        for side, view in robot.views.items():
            robot.cameras.send(side, view, at)


def camera_infos_change(**fields: Any) -> Callable[[Any], None]:
    def fault(robot: Any) -> None:
        for _ in range(PAIRS):
            at = robot.next_stamp()
            for side, view in robot.views.items():
                robot.cameras.send_info(side, at, **fields)
                robot.cameras.send(side, view, at)

    return fault


NAN = float("nan")
FAULTS: dict[str, Callable[[Any], None]] = {
    "the left camera dies and comes back": one_camera_dies("left"),
    "the right camera dies and comes back": one_camera_dies("right"),
    "both cameras die and come back": both_cameras_die,
    "stamps frozen": stamps(lambda _: (5 * YEAR, 5 * YEAR)),
    "stamps zero": stamps(lambda _: (0, 0)),
    "stamps before 1970": stamps(lambda at: (at - 60 * YEAR, at - 60 * YEAR)),
    "stamps swapped": stamps(lambda at: (at + 10**8, at), lambda at: (at - 10**8, at)),
    "stamps out of order": stamps(lambda at: (at, at - 10**9), lambda at: (at - 10**9, at)),
    "stamps from the future": stamps(lambda at: (at + YEAR, at + YEAR)),
    "one stamp from the future": stamps(lambda at: (at + YEAR, at), lambda at: (at, at)),
    "resolution changes": sizes_that_alternate,
    "resolution changes on one side": one_side_of_another_size,
    "encoding changes": encodings_that_alternate,
    "encoding unknown": images(encoding="nonsense"),
    "data truncated": images(data=array.array("B", bytes(1000))),
    "wrong step": images(step=5),
    "step enormous": images(step=HUGE),
    "size zero": images(height=0, width=0),
    "size enormous": images(height=HUGE, width=HUGE, step=HUGE),
    "one pixel": images(**of_size(1, 1)),
    "camera_info missing": camera_infos_stop,
    "camera_info of another size": camera_infos_change(width=10, height=10),
    "camera_info of nonsense": camera_infos_change(k=[NAN] * 9, p=[NAN] * 12, d=[NAN] * 500),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_node_lives_and_goes_on(name: str, robot: Any, recovery: Any) -> None:
    before = recovery(robot)
    FAULTS[name](robot)
    before.check()


def test_8k_pairs_pass_and_leave_nothing_behind(open_robot: Any, recovery: Any) -> None:
    """A budget, so that deraining is not waited for.

    The middleware keeps room for the largest image in every place of its queue: here in one. The
    first pair is not counted: OpenCV starts its threads for the first large picture. The allocator
    may keep a pair.
    """
    with open_robot(
        input_reliability="reliable",
        input_depth=1,
        latency_reference="receipt",
        latency_budget_ms=5000.0,
    ) as robot:
        one_large_pair(robot)
        robot.peer.spin_until(robot.comes_out, "a pair after one of 8K")
        before = recovery(robot)
        for _ in range(LARGE_PAIRS):
            one_large_pair(robot)
        before.check(kept_bytes=2 * 4320 * 7680)


def test_a_subscriber_that_leaves_in_mid_frame_leaves_nothing_behind(
    robot: Any, recovery: Any
) -> None:
    before = recovery(robot)
    for _ in range(3):
        subscription = robot.peer.node.create_subscription(
            Image, "/derained/left/image_rect", print, 1
        )
        for _ in range(PAIRS):
            robot.send_pair()
        robot.peer.node.destroy_subscription(subscription)
    before.check()


def test_bad_images_were_rejected_with_a_reason_and_none_failed(robot: Any) -> None:
    """After all of the above, in the one process that went through it."""
    counters = robot.counters()
    assert counters["rejected"] > 0
    assert counters["failed"] == 0
    assert "Pair rejected: left image: " in robot.node.output


GOOD_INFO: dict[str, Any] = {
    "width": 64,
    "height": 48,
    "distortion_model": "plumb_bob",
    "d": [-0.1, 0.0, 0.0, 0.0, 0.0],
    "k": [50.0, 0.0, 32.0, 0.0, 50.0, 24.0, 0.0, 0.0, 1.0],
    "r": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    "p": [45.0, 0.0, 31.0, 0.0, 0.0, 45.0, 23.0, 0.0, 0.0, 0.0, 1.0, 0.0],
}
WRONG_INFOS: dict[str, dict[str, Any]] = {
    "nonsense": {"k": [NAN] * 9, "p": [NAN] * 12, "r": [NAN] * 9, "d": [NAN] * 500},
    "zeros": {"width": 0, "height": 0, "k": [0.0] * 9, "p": [0.0] * 12, "r": [0.0] * 9},
    "another size": {"width": 48, "height": 64},
    "an unknown distortion": {"distortion_model": "fun-house"},
    "enormous distortion": {"d": [1e300] * 5},
    "singular": {"k": [1.0] * 9, "p": [1.0] * 12, "r": [1.0] * 9},
}


@pytest.fixture(scope="module")
def rectifying(open_robot: Any) -> Iterator[Any]:
    """A node that cannot do without camera_info."""
    with open_robot(
        GOOD_INFO, rectify="true", input_reliability="reliable", input_depth=50
    ) as robot:
        yield robot


@pytest.mark.parametrize("name", WRONG_INFOS)
def test_wrong_camera_infos_do_not_stop_rectification(
    name: str, rectifying: Any, recovery: Any
) -> None:
    before = recovery(rectifying)
    camera_infos_change(**GOOD_INFO | WRONG_INFOS[name])(rectifying)
    assert before.check()["failed"] == 0
