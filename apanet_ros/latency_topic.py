"""The time that each stage of each pair took, as a topic to plot."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rclpy.node import Node
from std_msgs.msg import Float64MultiArray, MultiArrayDimension

from apanet_core.streaming.statistics import Stage

LATENCY = "~/latency"


class LatencyTopic:
    """Publishes the times of each pair that went out, where somebody listens."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publisher = node.create_publisher(Float64MultiArray, LATENCY, 10)

    def publish(self, times: Mapping[Stage, float]) -> None:
        """Publish one pair's times, given in seconds."""
        if self._publisher.get_subscription_count():
            self._publisher.publish(latency_message(times))

    def close(self) -> None:
        """Take the topic down."""
        self._node.destroy_publisher(self._publisher)


def latency_message(times: Mapping[Stage, float]) -> Float64MultiArray:
    """Milliseconds of each stage in the order of `Stage`; NaN of a stage the pair did not pass."""
    message = Float64MultiArray()
    label = " ".join(stage.value for stage in Stage)
    message.layout.dim = [MultiArrayDimension(label=label, size=len(Stage), stride=len(Stage))]
    message.data = [1000 * times.get(stage, math.nan) for stage in Stage]
    return message
