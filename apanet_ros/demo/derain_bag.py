"""Derains a bag as a robot would: replayed over DDS, through the node process, and recorded."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile

from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.recorder import BagRecorder
from apanet_ros.bags.replay import BagReplay, ReplayOptions
from apanet_ros.bags.stereo_bag import stereo_topics
from apanet_ros.bags.writer import BagWriter
from apanet_ros.demo.node_process import NODE_NAME, OUTPUT_NAMESPACE, NodeProcess, node_process
from apanet_ros.large_images import room_for_images
from apanet_ros.ros_session import private_domain, spinning, tool_node

START_S = 180.0
SUBSCRIBE_S = 30.0
FIRST_PAIR_S = 180.0
SETTLE_S = 1.5
FINISH_S = 120.0

Values = Mapping[str, str]


@dataclass
class DiagnosticsListener:
    """The latest values of the node's two statuses, "input" and "pairs", on /diagnostics."""

    values: dict[str, Values] = field(default_factory=dict)
    received_s: float = 0.0

    def listen(self, node: Node) -> None:
        """Subscribe; values come in while the node spins."""
        node.create_subscription(DiagnosticArray, "/diagnostics", self._take, QoSProfile(depth=10))

    def _take(self, message: DiagnosticArray) -> None:
        for status in message.status:
            node, _, part = status.name.partition(": ")
            if node == NODE_NAME:
                self.values[part] = {value.key: value.value for value in status.values}
                self.received_s = time.monotonic()

    def settled_since(self, moment_s: float) -> bool:
        """Return whether a report well after `moment_s` says that no pair is under way."""
        late_enough = self.received_s > moment_s + SETTLE_S
        return late_enough and self.values.get("pairs", {}).get("in_flight") == "0"


def derain_bag(
    rainy: Path, derained: Path, model: str, device: str, rate: float, log: Path
) -> dict[str, Values]:
    """Replay `rainy` at `rate` through the node and record what comes out as `derained`.

    Returns the node's last diagnostics: the values of its statuses "input" and "pairs". Raises
    `DemoError` when the node does not start, or does not stop cleanly.
    """
    outputs = stereo_topics(OUTPUT_NAMESPACE)
    diagnostics = DiagnosticsListener()
    with (
        BagReader(rainy) as source,
        BagWriter(derained, force=True) as target,
        private_domain(),
        room_for_images(),
        tool_node("apanet_demo") as node,
    ):
        recorder = BagRecorder(node, target, outputs)
        diagnostics.listen(node)
        with spinning(node), node_process(model, device, log) as process:
            process.wait_until(
                lambda: all(node.count_publishers(topic) for topic in outputs), "start", START_S
            )
            options = ReplayOptions(rate=rate, wait_for_subscribers_s=SUBSCRIBE_S)
            BagReplay(node, source, options, print).run(
                # The node warms up at the bag's image size when it first sees it.
                after_first=lambda: process.wait_until(
                    lambda: all(recorder.counts[topic] for topic in outputs),
                    "derained pair",
                    FIRST_PAIR_S,
                )
            )
            _wait_for_the_rest(process, recorder, diagnostics)
            process.stop()
    return diagnostics.values


def _wait_for_the_rest(
    process: NodeProcess, recorder: BagRecorder, diagnostics: DiagnosticsListener
) -> None:
    end_s = time.monotonic()

    def everything_is_recorded() -> bool:
        if not diagnostics.settled_since(end_s):
            return False
        pairs = diagnostics.values["pairs"]
        published = int(pairs["derained"]) + int(pairs["passed_through"])
        return all(count == published for count in recorder.counts.values())

    process.wait_until(everything_is_recorded, "end of the recording", FINISH_S)
