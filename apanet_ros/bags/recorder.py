"""Records topics into a bag, each message at the time of its own stamp."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile

from apanet_ros.bags.header_stamp import header_stamp_ns
from apanet_ros.bags.message_types import import_message_type
from apanet_ros.bags.writer import BagWriter

QUEUE_DEPTH = 100


class BagRecorder:
    """Subscribes on a node and writes to a bag; works while somebody spins the node.

    Messages must begin with a std_msgs/Header. Their stamps, not the times at which they came,
    become the bag's times, so that the recording lines up with the bag it was made from.
    """

    def __init__(self, node: Node, bag: BagWriter, topics: Mapping[str, str]) -> None:
        """Record `topics`, names with their types, as in "sensor_msgs/msg/Image", reliably."""
        self._bag = bag
        self.counts: Counter[str] = Counter(dict.fromkeys(topics, 0))
        for topic, type_name in topics.items():
            message_type: Any = import_message_type(type_name)
            bag.add_topic(topic, type_name)
            node.create_subscription(
                message_type,
                topic,
                partial(self._record, topic),
                QoSProfile(depth=QUEUE_DEPTH),
                raw=True,
            )

    def _record(self, topic: str, serialized: bytes) -> None:
        self._bag.write(topic, header_stamp_ns(serialized), serialized)
        self.counts[topic] += 1
