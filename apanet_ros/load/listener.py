"""Listens to a node under load as a subscriber does, and to what it says about itself."""

from __future__ import annotations

import math
import time
from collections import deque

from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Float64MultiArray

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import Stage
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bags.header_stamp import header_stamp_ns
from apanet_ros.diagnostics.listener import DiagnosticsListener
from apanet_ros.node_process import NODE_NAME, OUTPUT_NAMESPACE
from apanet_ros.topics import output_topics

Times = dict[Stage, float]


class LoadListener:
    """Collects every pair's times while its node spins.

    Args:
        node: subscribes.

    Attributes:
        times: seconds of each stage of each published pair, as far as it passed it, as the node
            tells them.
        delivered: seconds from the stamp until the right image has come here, the last of the two.
        diagnostics: the node's latest report.
    """

    def __init__(self, node: Node) -> None:
        self.times: deque[Times] = deque()
        self.delivered: deque[float] = deque()
        self.diagnostics = DiagnosticsListener(NODE_NAME)
        self.diagnostics.listen(node)
        node.create_subscription(
            Float64MultiArray, f"{NODE_NAME}/latency", self._take_times, QoSProfile(depth=500)
        )
        for side in Side:
            topics = output_topics(side, OUTPUT_NAMESPACE)
            take = self._take_delivery if side is Side.RIGHT else _ignore
            # As bytes: this process is to cost the machine little.
            node.create_subscription(Image, topics.image, take, QoSProfile(depth=5), raw=True)
            node.create_subscription(
                CameraInfo, topics.camera_info, _ignore, QoSProfile(depth=5), raw=True
            )

    def begin(self) -> None:
        """Forget what was."""
        self.times.clear()
        self.delivered.clear()

    def _take_times(self, message: Float64MultiArray) -> None:
        pairs = zip(Stage, message.data, strict=True)
        self.times.append({stage: ms / 1000 for stage, ms in pairs if not math.isnan(ms)})

    def _take_delivery(self, serialized: bytes) -> None:
        self.delivered.append((time.time_ns() - header_stamp_ns(serialized)) / NANOSECONDS)


def _ignore(_serialized: bytes) -> None:
    """Be a subscriber, and no more."""
