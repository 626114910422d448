"""Whether it rains, for whoever wants to know: the state of the dry-weather gate."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Bool

RAINING = "~/raining"


class RainTopic:
    """Publishes the state when it changes; who subscribes later gets the last one."""

    def __init__(self, node: Node) -> None:
        self._node = node
        qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._publisher = node.create_publisher(Bool, RAINING, qos)

    def publish(self, raining: bool) -> None:
        """Publish whether it rains."""
        self._publisher.publish(Bool(data=raining))

    def close(self) -> None:
        """Take the topic down."""
        self._node.destroy_publisher(self._publisher)
