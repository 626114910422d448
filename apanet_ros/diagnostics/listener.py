"""Takes a node's /diagnostics in, as tools do that start one."""

from __future__ import annotations

import time
from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile

_SETTLE_SECONDS = 1.5

Values = Mapping[str, str]


class DiagnosticsListener:
    """The latest values of each of a node's statuses, such as "input" and "pairs".

    Args:
        node_name: full name of the node that reports.

    Attributes:
        values: of the latest report, by status.
        received: when that came, in seconds of a monotonic clock.
    """

    def __init__(self, node_name: str) -> None:
        self._node_name = node_name
        self.values: dict[str, Values] = {}
        self.received = 0.0

    def listen(self, node: Node) -> None:
        """Subscribe; values come in while the node spins."""
        node.create_subscription(DiagnosticArray, "/diagnostics", self._take, QoSProfile(depth=10))

    def settled_since(self, moment: float) -> bool:
        """Whether a report well after that moment says that no pair is under way."""
        late_enough = self.received > moment + _SETTLE_SECONDS
        return late_enough and self.values.get("pairs", {}).get("in_flight") == "0"

    def _take(self, message: DiagnosticArray) -> None:
        for status in message.status:
            node, _, part = status.name.partition(": ")
            if node == self._node_name:
                self.values[part] = {value.key: value.value for value in status.values}
                self.received = time.monotonic()
