"""Topic names and quality of service."""

from __future__ import annotations

import pytest

pytest.importorskip("rclpy")

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from apanet_core.streaming.pairing import Side
from apanet_ros.parameters import NodeOptions
from apanet_ros.topics import (
    CameraTopics,
    input_qos,
    input_topics,
    output_qos,
    output_topics,
    override_sentence,
)


def test_inputs_have_the_names_of_a_rectified_stereo_camera() -> None:
    assert input_topics(Side.LEFT) == CameraTopics("left/image_rect", "left/camera_info")
    assert input_topics(Side.RIGHT) == CameraTopics("right/image_rect", "right/camera_info")


@pytest.mark.parametrize(
    ("namespace", "topic"),
    [
        ("derained", "derained/right/image_rect"),
        ("/clean/", "/clean/right/image_rect"),
    ],
)
def test_outputs_repeat_the_names_in_their_namespace(namespace: str, topic: str) -> None:
    assert output_topics(Side.RIGHT, namespace).image == topic


def test_inputs_are_best_effort_and_outputs_reliable_unless_chosen() -> None:
    options = NodeOptions()
    assert input_qos(options).reliability is ReliabilityPolicy.BEST_EFFORT
    assert output_qos(options).reliability is ReliabilityPolicy.RELIABLE
    options = NodeOptions(input_reliability="reliable", input_depth=7, output_depth=9)
    assert input_qos(options).reliability is ReliabilityPolicy.RELIABLE
    assert (input_qos(options).depth, output_qos(options).depth) == (7, 9)
    assert input_qos(options).history is HistoryPolicy.KEEP_LAST


def test_an_override_is_told_and_no_override_is_not() -> None:
    wanted = input_qos(NodeOptions())
    assert override_sentence("/left/image_rect", wanted, wanted) == ""
    actual = QoSProfile(depth=20, reliability=ReliabilityPolicy.RELIABLE)
    assert override_sentence("/left/image_rect", wanted, actual) == (
        "A QoS override sets /left/image_rect to depth 20, reliability reliable."
    )
    latched = QoSProfile(depth=20, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    assert "durability transient_local" in override_sentence("/left/image_rect", wanted, latched)
