"""What can be told to the node while it runs, in a process of its own, over DDS."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from rclpy.parameter import Parameter
from rclpy.parameter_client import AsyncParameterClient
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Bool, Float64MultiArray
from std_srvs.srv import SetBool, Trigger

from apanet_core.streaming.statistics import Stage
from apanet_ros.image_conversion import read_rgb

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
VIEW = np.random.default_rng(6).integers(0, 256, (48, 64, 3), np.uint8)


def call(peer: Any, kind: Any, name: str, **request: Any) -> Any:
    client = peer.node.create_client(kind, name)
    assert client.wait_for_service(60)
    return peer.answer(lambda: client.call_async(kind.Request(**request)), f"an answer of {name}")


class Stream:
    """Pairs of one view, 0.1 s apart."""

    def __init__(self, peer: Any, cameras: Any) -> None:
        self._peer = peer
        self._cameras = cameras
        self._stamp = START

    def until(self, done: Any) -> None:
        """Send pairs until something holds."""
        self._stamp = self._peer.send_until(self._send, done, self._stamp)

    def _send(self, stamp: int) -> None:
        for side in ("left", "right"):
            self._cameras.send(side, VIEW, stamp)


@pytest.fixture
def stream(peer: Any, cameras: Any) -> Stream:
    return Stream(peer, cameras)


def is_rainy(image: Any) -> bool:
    return bool((read_rgb(image) == VIEW).all())


def test_deraining_is_switched_off_and_on_while_pairs_go_on(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream
) -> None:
    start_node()
    cameras.connect()
    stream.until(lambda: derained.left and not is_rainy(derained.left[-1]))
    assert call(peer, SetBool, "/derain_node/enable", data=False).success
    stream.until(lambda: is_rainy(derained.left[-1]) and is_rainy(derained.right[-1]))
    assert derained.wait_for("network", lambda values: values["enabled"] == "false")
    assert derained.status("pairs").message.startswith("Disabled")
    answer = call(peer, SetBool, "/derain_node/enable", data=True)
    assert (answer.success, answer.message) == (True, "From now on pairs are derained.")
    stream.until(lambda: not is_rainy(derained.left[-1]))
    values = derained.wait_for("pairs", lambda values: int(values["passed_disabled"]) >= 1)
    assert values["passed_over_budget"] == "0"


def test_counters_begin_anew_on_demand(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream
) -> None:
    start_node()
    cameras.connect()
    stream.until(lambda: len(derained.left) >= 5)
    derained.wait_for("pairs", lambda values: values["in_flight"] == "0")
    assert call(peer, Trigger, "/derain_node/reset_statistics").success
    pairs = derained.wait_for("pairs", lambda values: values["paired"] == "0")
    assert (pairs["derained"], pairs["age_ms_p50"]) == ("0", "0.000")
    assert derained.values("input")["left_received"] == "0"


def test_with_one_side_subscribed_only_that_side_is_sent_and_with_none_nothing_is_derained(
    start_node: Any, peer: Any, cameras: Any, stream: Stream, make_derained: Any
) -> None:
    from sensor_msgs.msg import Image

    node = start_node()
    cameras.connect()
    unheard = make_derained("/nowhere")
    stream.until(lambda: int(unheard.values("pairs")["unwanted"]) >= 3)
    assert unheard.values("pairs")["derained"] == "0"
    assert node.output.count("Idle: nobody subscribes to an output image") == 1
    right = peer.collect(Image, "/derained/right/image_rect")
    stream.until(lambda: len(right) >= 3)
    values = unheard.wait_for_value("pairs", "published", 3)
    assert values["derained"] == values["published"]


def test_the_gate_closes_in_dry_weather_and_opens_in_rain_and_says_so(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream
) -> None:
    start_node(dry_gate="true", dry_gate_level=255.0, dry_gate_hold=0.3)
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    raining = peer.collect(Bool, "/derain_node/raining", latched)
    cameras.connect()
    stream.until(lambda: raining and not raining[-1].data)
    stream.until(lambda: is_rainy(derained.left[-1]))
    assert derained.wait_for("network", lambda values: values["raining"] == "false")
    client = AsyncParameterClient(peer.node, "/derain_node")
    assert client.wait_for_services(60)
    lower = [Parameter("dry_gate_level", value=0.0)]
    peer.answer(lambda: client.set_parameters_atomically(lower), "an answer about the gate")
    stream.until(lambda: raining[-1].data)
    stream.until(lambda: not is_rainy(derained.left[-1]))
    assert int(derained.wait_for_value("pairs", "passed_dry", 1)["passed_over_budget"]) == 0


def change_veil_removal(peer: Any, share: float) -> Any:
    client = AsyncParameterClient(peer.node, "/derain_node")
    assert client.wait_for_services(60)
    change = [Parameter("veil_removal", value=share)]
    return peer.answer(lambda: client.set_parameters_atomically(change), "about the veil").result


def test_how_much_of_the_veil_goes_changes_while_pairs_go_on(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream
) -> None:
    start_node(model="tiny")
    cameras.connect()
    stream.until(lambda: derained.left)
    without_veil = read_rgb(derained.left[-1])
    assert change_veil_removal(peer, 0.0).successful
    stream.until(lambda: (read_rgb(derained.left[-1]) != without_veil).any())
    assert not is_rainy(derained.left[-1])
    refused = change_veil_removal(peer, 1.5)
    assert not refused.successful
    assert "veil_removal" in refused.reason
    assert change_veil_removal(peer, 1.0).successful
    stream.until(lambda: (read_rgb(derained.left[-1]) == without_veil).all())


def test_weights_that_do_not_separate_the_veil_say_so_and_go_on(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream
) -> None:
    start_node(slop=0.02)
    cameras.connect()
    refused = change_veil_removal(peer, 0.5)
    assert not refused.successful
    assert "veil_removal 0.5 needs weights that separate the veil" in refused.reason
    stream.until(lambda: derained.left and not is_rainy(derained.left[-1]))


def test_the_latency_of_each_stage_can_be_plotted(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream
) -> None:
    start_node(latency_reference="receipt")
    latencies = peer.collect(Float64MultiArray, "/derain_node/latency")
    cameras.connect()
    stream.until(lambda: len(latencies) >= 2)
    (dimension,) = latencies[-1].layout.dim
    assert dimension.label.split() == [stage.value for stage in Stage]
    times = dict(zip(Stage, latencies[-1].data, strict=True))
    assert all(math.isfinite(time) and time >= 0 for time in times.values())
    parts = (Stage.READ, Stage.INFER, Stage.WRITE, Stage.PUBLISH)
    assert 0 < sum(times[part] for part in parts) <= times[Stage.AGE] * 1.01


def test_a_promised_deadline_that_is_missed_is_counted_and_told(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream
) -> None:
    start_node(output_deadline_ms=50.0)
    cameras.connect()
    stream.until(lambda: len(derained.left) >= 3)
    derained.wait_for_value("pairs", "missed_deadlines", 3)
    peer.spin_until(
        lambda: "deadlines of the outputs were missed" in derained.status("pairs").message,
        "the sentence about deadlines",
    )


def test_the_ladder_is_measured_at_the_size_that_is_given_and_falls_under_a_tight_budget(
    start_node: Any, peer: Any, cameras: Any, derained: Any, stream: Stream, small_model: Any
) -> None:
    node = start_node(image_width=64, image_height=48, latency_reference="receipt")
    assert "A warm pair of 64 x 48 takes" in node.output
    assert f"at operating point 2 (0.5 {small_model}) on cpu." in node.output
    cameras.connect()
    stream.until(lambda: derained.left)
    assert "Warm at 64 x 48" not in node.output, "it was warm already"
    network = derained.wait_for("network", lambda values: values["operating_point"] != "none")
    assert network["operating_point"] == network["point_0"] == f"1 {small_model}"
    assert all(float(network[f"point_{step}_predicted_ms"]) > 0 for step in range(3))
    assert len(network["model_sha256"]) == 64
    assert float(network["process_memory_mb"]) > 50
