"""Records topics into a bag, each message at the time of its own stamp or of its receipt."""

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

    With `own_stamps` the stamps, not the times at which messages came, become the bag's times, so
    that the recording lines up with the bag it was made from. What begins with no std_msgs/Header
    gets the node's time.
    """

    def __init__(
        self,
        node: Node,
        bag: BagWriter,
        topics: Mapping[str, str],
        qos: Mapping[str, QoSProfile] | None = None,
        own_stamps: bool = True,
    ) -> None:
        """Record `topics`, names with their types, as in "sensor_msgs/msg/Image".

        `qos` are the profiles to subscribe with; reliable where it names none.
        """
        self._bag = bag
        self._clock = node.get_clock()
        self.counts: Counter[str] = Counter(dict.fromkeys(topics, 0))
        for topic, type_name in topics.items():
            message_type: Any = import_message_type(type_name)
            bag.add_topic(topic, type_name)
            stamped = own_stamps and "header" in message_type.get_fields_and_field_types()
            node.create_subscription(
                message_type,
                topic,
                partial(self._record, topic, stamped),
                (qos or {}).get(topic, QoSProfile(depth=QUEUE_DEPTH)),
                raw=True,
            )

    def _record(self, topic: str, stamped: bool, serialized: bytes) -> None:
        time_ns = header_stamp_ns(serialized) if stamped else self._clock.now().nanoseconds
        self._bag.write(topic, time_ns, serialized)
        self.counts[topic] += 1
