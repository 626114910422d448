"""What goes out with a pair, and under which stamp."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import CameraInfo, Image

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.stereo_input import ReceivedImage, StereoPair
from apanet_ros.stereo.stereo_output import StereoOutput


@dataclass
class Outbox:
    """Keeps what is published on one topic."""

    messages: list[Any] = field(default_factory=list)
    subscribers: int = 1

    def publish(self, message: Any, /) -> None:
        self.messages.append(message)

    def get_subscription_count(self) -> int:
        return self.subscribers


def image(nanoseconds: int, frame_id: str) -> Image:
    message = Image()
    message.header.stamp.nanosec = nanoseconds
    message.header.frame_id = frame_id
    return message


PAIR = StereoPair(
    ReceivedImage(image(100, "left_optical"), 0.0),
    ReceivedImage(image(107, "right_optical"), 0.0),
    left_stamp=100,
    right_stamp=107,
)


@pytest.fixture
def infos() -> dict[Side, CameraInfo | None]:
    found: dict[Side, CameraInfo | None] = {}
    for side in Side:
        info = CameraInfo(width=5)
        info.header.stamp.nanosec = 55
        info.header.frame_id = f"{side.value}_info"
        found[side] = info
    return found


def publish(
    infos: dict[Side, CameraInfo | None], one_stamp: bool
) -> tuple[bool, dict[Side, Outbox], dict[Side, Outbox]]:
    images = {side: Outbox() for side in Side}
    camera_infos = {side: Outbox() for side in Side}
    output = StereoOutput(images, camera_infos, lambda side, _: infos[side], one_stamp)
    sent = {Side.LEFT: image(100, "left_optical"), Side.RIGHT: image(107, "right_optical")}
    complete = output.publish(PAIR, sent)
    return complete, images, camera_infos


@pytest.mark.parametrize(("one_stamp", "right_stamp"), [(True, 100), (False, 107)])
def test_each_output_has_its_stamp_and_keeps_its_frame(
    infos: dict[Side, CameraInfo | None], one_stamp: bool, right_stamp: int
) -> None:
    complete, images, camera_infos = publish(infos, one_stamp)
    headers = [box[side].messages[0].header for side in Side for box in (images, camera_infos)]
    stamps = [header.stamp.nanosec for header in headers]
    frames = [header.frame_id for header in headers]
    assert complete
    assert stamps == [100, 100, right_stamp, right_stamp]
    assert frames == ["left_optical", "left_info", "right_optical", "right_info"]


def test_the_remembered_info_keeps_its_own_stamp(infos: dict[Side, CameraInfo | None]) -> None:
    publish(infos, one_stamp=True)
    for info in infos.values():
        assert info is not None
        assert info.header.stamp.nanosec == 55


def test_without_an_info_the_images_go_out_alone(infos: dict[Side, CameraInfo | None]) -> None:
    infos[Side.RIGHT] = None
    complete, images, camera_infos = publish(infos, one_stamp=True)
    assert not complete
    assert [len(images[side].messages) for side in Side] == [1, 1]
    assert [len(camera_infos[side].messages) for side in Side] == [1, 0]


def test_infos_are_looked_up_by_each_images_own_stamp() -> None:
    asked: list[tuple[Side, int]] = []

    def find(side: Side, stamp: int) -> None:
        asked.append((side, stamp))

    boxes = {side: Outbox() for side in Side}
    StereoOutput(boxes, boxes, find, one_stamp=True).publish(PAIR, {})
    assert asked == [(Side.LEFT, 100), (Side.RIGHT, 107)]


def test_where_no_info_is_to_go_out_none_is_missing() -> None:
    images = {side: Outbox() for side in Side}
    output = StereoOutput(images, {}, lambda *_: None, one_stamp=True)
    assert output.publish(PAIR, {side: Image() for side in Side})
    assert [len(images[side].messages) for side in Side] == [1, 1]


def test_only_the_images_that_somebody_wants_are_asked_for_and_infos_always_go_out(
    infos: dict[Side, CameraInfo | None],
) -> None:
    images = {Side.LEFT: Outbox(subscribers=0), Side.RIGHT: Outbox(subscribers=2)}
    camera_infos = {side: Outbox() for side in Side}
    output = StereoOutput(images, camera_infos, lambda side, _: infos[side], one_stamp=True)
    assert output.wanted() == {Side.RIGHT}
    assert output.subscriptions() == [0, 2, 1, 1]
    assert output.publish(PAIR, {Side.RIGHT: Image()})
    assert [len(images[side].messages) for side in Side] == [0, 1]
    assert [len(camera_infos[side].messages) for side in Side] == [1, 1]
