"""Subscribes in a process of its own, and prints topic, bytes and time of what arrived as JSON.

Usage: listener.py TOPICS COUNT TIMEOUT_S, where TOPICS is a JSON object of topic to message type.
"""

import json
import sys
import time
from functools import partial

import rclpy
from rclpy.qos import QoSProfile

from apanet_ros.bags.message_types import import_message_type


def main() -> None:
    topics, count, timeout_s = json.loads(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    rclpy.init()
    node = rclpy.create_node("listener")
    received: list[tuple[str, str, float]] = []

    def note(topic: str, serialized: bytes) -> None:
        received.append((topic, serialized.hex(), time.monotonic()))

    for topic, message_type in topics.items():
        message_class = import_message_type(message_type)
        node.create_subscription(
            message_class, topic, partial(note, topic), QoSProfile(depth=200), raw=True
        )
    deadline = time.monotonic() + timeout_s
    while len(received) < count and time.monotonic() < deadline:
        rclpy.spin_once(node, timeout_sec=0.1)
    print(json.dumps(received))


if __name__ == "__main__":
    main()
