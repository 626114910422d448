"""The node in a process of its own, over DDS: what it promises, and what must not end it."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from rcl_interfaces.msg import ParameterType
from rclpy.parameter import Parameter
from rclpy.parameter_client import AsyncParameterClient
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image

from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.streaming.statistics import Outcome
from apanet_ros.image_conversion import read_rgb
from apanet_ros.parameter_rules import rule_of
from apanet_ros.parameters import NodeOptions
from apanet_ros.stamps import nanoseconds

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
RANDOM = np.random.default_rng(5)
LEFT, RIGHT = RANDOM.integers(0, 256, (2, 48, 64, 3), np.uint8)


def send_pair(cameras: Any, stamp: int, skew: int = 0) -> None:
    cameras.send("left", LEFT, stamp)
    cameras.send("right", RIGHT, stamp + skew)


def send_until(peer: Any, cameras: Any, done: Any, start: int = START, skew: int = 0) -> int:
    """Publish pairs until something holds; return the stamp after the last."""
    return int(peer.send_until(lambda stamp: send_pair(cameras, stamp, skew), done, start))


def set_parameters(peer: Any, **values: Any) -> Any:
    client = AsyncParameterClient(peer.node, "/derain_node")
    assert client.wait_for_services(60)
    parameters = [Parameter(name, value=value) for name, value in values.items()]
    return peer.answer(
        lambda: client.set_parameters_atomically(parameters), "an answer about parameters"
    ).result


def test_the_log_says_what_was_loaded_and_how_fast_it_is(
    start_node: Any, small_model: Path, peer: Any, cameras: Any, derained: Any
) -> None:
    node = start_node()
    cameras.connect()
    send_until(peer, cameras, lambda: derained.left)
    assert f"Loading {small_model} ..." in node.output
    assert f"Loaded {small_model} (" in node.output
    assert "A warm pair of 160 x 128 takes" in node.output
    assert "Ready: /left/image_rect and /right/image_rect come out as /derained/left" in node.output
    assert "Warm at 64 x 48:" in node.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-p", "model:=enormous"], "No weights 'enormous'"),
        (["-p", "device:=abacus"], "abacus"),
        (["-p", "queue_size:=0"], "queue_size takes a whole number from 1 to 100 frames."),
        (["-p", "slop:=1"], "slop takes a number with a decimal point from 0.0 to 1.0 s."),
        (["-p", "over_budget:=wait"], "over_budget is one of passthrough, drop."),
        (["-p", "output_namespace:=a-b"], "output_namespace makes no valid topic name"),
        (["--params-file", "/nowhere.yaml"], "/nowhere.yaml"),
    ],
)
def test_a_start_that_fails_says_why_in_one_line(
    start_process: Any, small_model: Path, arguments: list[str], sentence: str
) -> None:
    node = start_process(
        "-m", "apanet_ros.derain_node", "--ros-args", "-p", f"model:={small_model}", *arguments
    )
    assert node.end() == 1, node.output
    (line,) = [line for line in node.output.splitlines() if "[FATAL]" in line]
    assert sentence in line
    assert "Traceback" not in node.output


def test_parameters_are_described_and_change_together_or_not_at_all(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node()
    assert_described(peer)
    assert set_parameters(peer, slop=0.05, queue_size=3, latency_budget_ms=500.0).successful
    assert derained.wait_for("input", lambda values: values["slop_ms"] == "50.000")
    assert derained.wait_for("pairs", lambda values: values["budget_ms"] == "500.000")
    for change in (
        {"slop": 0.02, "queue_size": 0},
        {"slop": 0.02, "model": "tiny"},
        {"slop": 0.02, "latency_budget_ms": 100},
    ):
        refused = set_parameters(peer, **change)
        assert not refused.successful
        assert refused.reason
    peer.spin_for(2.5)
    assert derained.values("input")["slop_ms"] == "50.000"


def assert_described(peer: Any) -> None:
    client = AsyncParameterClient(peer.node, "/derain_node")
    assert client.wait_for_services(60)
    options = fields(NodeOptions)
    answer = peer.answer(
        lambda: client.describe_parameters([option.name for option in options]),
        "a description of the parameters",
    )
    types = {
        bool: ParameterType.PARAMETER_BOOL,
        str: ParameterType.PARAMETER_STRING,
        int: ParameterType.PARAMETER_INTEGER,
        float: ParameterType.PARAMETER_DOUBLE,
        tuple: ParameterType.PARAMETER_STRING_ARRAY,
    }
    for option, descriptor in zip(options, answer.descriptors, strict=True):
        rule = rule_of(option)
        assert descriptor.description == rule.description
        assert descriptor.type == types[type(option.default)]
        assert rule.unit in descriptor.additional_constraints
        when = "run time" if rule.run_time else "unconfigured"
        assert f"Changes: {when}." in descriptor.additional_constraints
        ranges = [*descriptor.integer_range, *descriptor.floating_point_range]
        limits = [(each.from_value, each.to_value) for each in ranges]
        assert limits == ([rule.between] if rule.between else [])
        assert all(choice in descriptor.additional_constraints for choice in rule.choices)


def test_bad_images_are_rejected_with_the_reason_and_the_next_good_one_goes_on(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    node = start_node()
    cameras.connect()
    stamp = send_until(peer, cameras, lambda: derained.left)
    bad: list[tuple[str, Any]] = [
        ("not supported", {"encoding": "nonsense"}),
        ("the image's step says 5", {"step": 5}),
        ("the image holds 100", {"data": bytes(100)}),
        ("The image is empty", {"height": 0}),
        ("both must have one size", {"height": 24, "data": bytes(24 * 64 * 3)}),
    ]
    for number, (reason, changes) in enumerate(bad, start=1):
        image = good_image(cameras, stamp + number * SECOND)
        for name, value in changes.items():
            setattr(image, name, value)
        cameras.send("left", LEFT, stamp + number * SECOND)
        cameras.send_image("right", image)
        derained.wait_for_value("pairs", "rejected", number)
        assert derained.status("pairs").level != b"\x00"
        assert reason in derained.status("pairs").message
    assert "Pair rejected: right image: The encoding 'nonsense' is not supported" in node.output
    published = len(derained.left)
    send_until(peer, cameras, lambda: len(derained.left) > published, stamp + 60 * SECOND)
    assert derained.wait_for("pairs", lambda values: values["in_flight"] == "0")
    assert_pairs_add_up(derained)


def good_image(cameras: Any, stamp: int) -> Image:
    image = Image(height=48, width=64, encoding="rgb8", step=64 * 3, data=RIGHT.tobytes())
    image.header.stamp.sec, image.header.stamp.nanosec = divmod(stamp, SECOND)
    return image


def assert_pairs_add_up(derained: Any) -> None:
    values = {
        key: int(value)
        for key, value in derained.values("pairs").items()
        if value.lstrip("-").isdigit()
    }
    outcomes = [outcome.value for outcome in Outcome]
    assert values["paired"] == values["in_flight"] + sum(values[outcome] for outcome in outcomes)
    passed = [outcome for outcome in outcomes if outcome.startswith("passed_")]
    assert values["passed_through"] == sum(values[outcome] for outcome in passed)
    for side in ("left", "right"):
        counts = derained.values("input")
        ways = ("paired", "unpaired", "stamp_jump", "waiting")
        assert int(counts[f"{side}_received"]) == sum(int(counts[f"{side}_{way}"]) for way in ways)


def test_each_encoding_comes_back_in_its_own_with_its_alpha(
    start_node: Any, small_model: Path, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node()
    cameras.connect()
    stamp = send_until(peer, cameras, lambda: derained.left)
    expected, _ = StereoDerainer(small_model, "cpu").derain(LEFT, RIGHT)
    alpha = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64, 1)
    bgra = [np.concatenate([view[..., ::-1], alpha], axis=2) for view in (LEFT, RIGHT)]
    for encoding, views in (("bgra8", bgra), ("mono8", [alpha, alpha])):
        stamp += SECOND
        cameras.send("left", views[0], stamp, encoding)
        cameras.send("right", views[1], stamp, encoding)
        image = peer.spin_until(lambda at=stamp: with_stamp(derained.left, at), encoding)
        assert image.encoding == encoding
        if encoding == "bgra8":
            assert np.abs(read_rgb(image).astype(int) - expected).max() <= 1
            assert bytes(image.data)[3::4] == alpha.tobytes()


def with_stamp(messages: list[Any], stamp: int) -> Any:
    return next((each for each in messages if nanoseconds(each.header.stamp) == stamp), None)


def test_stamps_within_the_slop_pair_and_all_outputs_carry_the_left_one(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node(slop=0.005)
    cameras.connect()
    for number in range(8):
        at = START + number * SECOND
        for side, offset in (("left", 0), ("right", 4_000_000)):
            cameras.send_info(side, at + offset)
        send_pair(cameras, at, skew=4_000_000)
        peer.spin_for(0.3)
    peer.spin_until(lambda: derained.right_info, "a camera_info")
    peer.spin_for(1.0)
    stamps = [nanoseconds(image.header.stamp) for image in derained.left]
    assert stamps == sorted(stamps)
    assert all((stamp - START) % SECOND == 0 for stamp in stamps)
    for messages in (derained.right, derained.left_info, derained.right_info):
        assert [nanoseconds(each.header.stamp) for each in messages] == stamps
    for infos, offset in ((derained.left_info, 0), (derained.right_info, 4)):
        expected = [(stamp // 1_000_000 + offset) % 1_000_000 for stamp in stamps]
        assert [info.width for info in infos] == expected, "each image goes with its own info"
    assert {image.header.frame_id for image in derained.right} == {"right_optical"}


def test_stamps_beyond_the_slop_do_not_pair_and_the_diagnostics_say_so(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node(slop=0.005)
    cameras.connect()
    for number in range(30):
        send_pair(cameras, START + number * SECOND, skew=6_000_000)
        peer.spin_for(0.1)
    message = peer.spin_until(
        lambda: "Both cameras send" in (text := derained.status("input").message) and text,
        "the sentence about the slop",
    )
    assert "(the nearest are 6.000 ms apart): raise slop" in message
    assert derained.left == []
    assert set_parameters(peer, slop=0.007).successful
    send_pair(cameras, START + 100 * SECOND, skew=6_000_000)
    send_pair(cameras, START + 101 * SECOND, skew=6_000_000)
    peer.spin_until(lambda: derained.left, "a pair within the wider slop")
    assert_pairs_add_up(derained)


def test_a_bag_that_loops_goes_on_at_once(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node()
    cameras.connect()
    send_until(peer, cameras, lambda: derained.left)
    derained.wait_for("pairs", lambda values: values["in_flight"] == "0")
    paired = int(derained.values("pairs")["paired"])
    late, early = START + 1000 * SECOND, START - 1000 * SECOND
    cameras.send("left", LEFT, late)
    cameras.send("left", LEFT, late + SECOND)
    for number in range(10):
        send_pair(cameras, early + number * SECOND)
        peer.spin_for(0.1)
    derained.wait_for_value("pairs", "paired", paired + 10)
    assert int(derained.values("input")["left_stamp_jump"]) == 2
    assert int(derained.values("input")["stamp_jumps"]) == 2
    peer.spin_until(
        lambda: nanoseconds(derained.left[-1].header.stamp) < START, "a pair of the second loop"
    )
    assert_pairs_add_up(derained)


def test_over_budget_the_raw_pair_goes_out_unchanged(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node(latency_budget_ms=0.001, latency_reference="receipt")
    cameras.connect()
    send_until(peer, cameras, lambda: derained.left and derained.right)
    np.testing.assert_array_equal(read_rgb(derained.left[0]), LEFT)
    np.testing.assert_array_equal(read_rgb(derained.right[0]), RIGHT)
    values = derained.wait_for_value("pairs", "passed_through", 1)
    assert values["derained"] == "0"
    peer.spin_until(
        lambda: (
            "were not derained in time: the budget is 0.0 ms" in derained.status("pairs").message
        ),
        "the sentence about the budget",
    )


def test_over_budget_nothing_goes_out_when_late_pairs_are_dropped(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    start_node(latency_budget_ms=0.001, latency_reference="receipt", over_budget="drop")
    cameras.connect()
    send_until(peer, cameras, lambda: int(derained.values("pairs")["late"]) >= 3)
    assert derained.left == []
    assert_pairs_add_up(derained)


def test_outputs_go_where_and_how_they_are_asked_to(
    start_node: Any, peer: Any, cameras: Any, make_derained: Any
) -> None:
    start_node(output_namespace="/clean", output_encoding="bgr8", output_stamp="own", slop=0.005)
    clean = make_derained("/clean")
    cameras.connect()
    send_until(peer, cameras, lambda: clean.left and clean.right, skew=1_000_000)
    assert clean.left[0].encoding == clean.right[0].encoding == "bgr8"
    for left, right in zip(clean.left, clean.right, strict=False):
        assert nanoseconds(right.header.stamp) - nanoseconds(left.header.stamp) == 1_000_000


def test_without_camera_infos_images_go_out_and_one_warning_says_what_to_do(
    start_node: Any, peer: Any, cameras: Any, derained: Any
) -> None:
    node = start_node()
    cameras.connect()
    send_until(peer, cameras, lambda: len(derained.diagnostics) >= 4 and derained.right)
    assert derained.left_info == derained.right_info == []
    derained.wait_for_value("pairs", "without_camera_info", 1)
    assert "No message on /left/camera_info yet" in derained.status("input").message
    assert node.output.count("No message on /left/camera_info yet, so its images go out") == 1


def test_a_peer_whose_qos_does_not_fit_is_named_and_an_override_is_told(
    start_node: Any, peer: Any, derained: Any
) -> None:
    node = start_node(
        "-p",
        "qos_overrides./right/image_rect.subscription.depth:=17",
        input_reliability="reliable",
        output_reliability="best_effort",
    )
    best_effort = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    peer.node.create_publisher(Image, "/left/image_rect", best_effort)
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    peer.node.create_subscription(CameraInfo, "/derained/right/camera_info", print, latched)
    for sentence in (
        "peer publishes /left/image_rect best effort and this node asks for reliable",
        "peer subscribes to /derained/left/image_rect as reliable and this node offers best effort",
        "peer subscribes to /derained/right/camera_info as transient local",
    ):
        peer.spin_until(lambda text=sentence: text in derained.status("input").message, sentence)
        node.wait_for(sentence)
    assert "A QoS override sets /right/image_rect to depth 17." in node.output


def test_reports_keep_coming_while_simulated_time_stands_still(
    start_node: Any, peer: Any, derained: Any
) -> None:
    start_node(use_sim_time="true")
    clock = peer.node.create_publisher(Clock, "/clock", 1)

    def tick() -> Any:
        message = Clock()
        message.clock.sec = 42
        clock.publish(message)
        peer.spin_for(0.1)
        return any(report.header.stamp.sec == 42 for report in derained.diagnostics)

    peer.spin_until(tick, "a report in simulated time")
    count, begin = len(derained.diagnostics), time.monotonic()
    peer.spin_until(lambda: len(derained.diagnostics) >= count + 3, "three more reports")
    assert time.monotonic() - begin > 1.5
    assert {report.header.stamp.sec for report in derained.diagnostics[count:]} == {42}


def test_an_unknown_parameter_is_warned_about(start_node: Any) -> None:
    node = start_node("-p", "slopp:=0.1")
    assert "There is no parameter slopp (did you mean slop?); it has no effect." in node.output
