"""Records live topics for some seconds, to be viewed as a bag is."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

from apanet_core.name_list import name_list
from apanet_core.progress import progress
from apanet_core.streaming.pairing import Side
from apanet_ros.bag_view.latency import DIAGNOSTICS_TYPE, LATENCY_NAME, LATENCY_TYPE
from apanet_ros.bag_view.view_topics import Names
from apanet_ros.bags.recorder import BagRecorder
from apanet_ros.bags.stereo_topics import COMPRESSED_SUFFIX, IMAGE_TYPES, base_name, derained_names
from apanet_ros.bags.writer import BagWriter
from apanet_ros.errors import BagError
from apanet_ros.large_images import room_for_images
from apanet_ros.ros_session import spinning, tool_node
from apanet_ros.topics import input_topics

DISCOVERY_S = 10.0
DERAINED_S = 5.0
_DEPTH = 100
_TICK_S = 0.1


@dataclass(frozen=True)
class LiveTopics:
    """Image topics of both cameras; `derained` is None where nobody derains them."""

    rainy: Names
    derained: Names | None


def topic_names(words: Sequence[str]) -> Names:
    """Return the image topics that two names, or the namespace of a camera, stand for."""
    if len(words) == 2:
        return words[0], words[1]
    left, right = (f"{words[0].rstrip('/')}/{input_topics(side).image}" for side in Side)
    return left, right


def record_live(names: Names, derained: Names | None, seconds: float, bag: Path) -> LiveTopics:
    """Record both cameras, their derained images and what the node tells of itself.

    Args:
        names: image topics, left and right.
        derained: of the derained images; None finds them by the node's names.
        seconds: how long.
        bag: the bag to write.

    Raises:
        BagError: nobody publishes these topics, or no image came.
    """
    with room_for_images(), tool_node("apanet_view") as node:
        called = derained_names(*names)
        expected = derained or (called[names[0]], called[names[1]])
        graph = _wait_for(node, names, expected)
        found = LiveTopics(names, derained or _either_transport(graph, expected))
        topics = _to_record(graph, found)
        qos = {topic: _fitting_qos(node, topic) for topic in topics}
        with BagWriter(bag) as writer:
            recorder = BagRecorder(node, writer, topics, qos, own_stamps=False)
            with spinning(node):
                for _ in progress(_ticks(seconds), "record", unit="tick"):
                    time.sleep(_TICK_S)
            for name in names:
                if not recorder.counts[name]:
                    raise BagError(
                        f"No image came on {name} within {seconds:g} s: is its camera running?"
                    )
    return found


def _ticks(seconds: float) -> range:
    return range(max(1, round(seconds / _TICK_S)))


def _wait_for(node: Node, names: Names, derained: Names) -> dict[str, str]:
    """Return all topics with their types, once both cameras and who derains them are among them.

    Raises `BagError` where the cameras are not; derained images may be missing.
    """
    start = time.monotonic()
    while True:
        graph = {name: types[0] for name, types in node.get_topic_names_and_types() if types}
        missing = [name for name in names if graph.get(name) not in IMAGE_TYPES]
        if not missing and (
            _either_transport(graph, derained) or time.monotonic() > start + DERAINED_S
        ):
            return graph
        if time.monotonic() > start + DISCOVERY_S:
            images = [name for name, kind in graph.items() if kind in IMAGE_TYPES]
            raise BagError(
                f"Nobody publishes images on {missing[0]}, nor is there a bag of the name given: "
                "name a bag, or LEFT and RIGHT topics; image topics there are: "
                f"{name_list(sorted(images)) or 'none'}."
            )
        time.sleep(_TICK_S)


def _either_transport(graph: Mapping[str, str], names: Names) -> Names | None:
    for suffix in ("", COMPRESSED_SUFFIX):
        left, right = (f"{base_name(name)}{suffix}" for name in names)
        if graph.get(left) in IMAGE_TYPES and graph.get(right) in IMAGE_TYPES:
            return left, right
    return None


def _to_record(graph: Mapping[str, str], found: LiveTopics) -> dict[str, str]:
    images = (*found.rainy, *(found.derained or ()))
    for name in images:
        if graph.get(name) not in IMAGE_TYPES:
            raise BagError(f"Nobody publishes images on {name}: check --derained.")
    return {name: graph[name] for name in images} | {
        name: kind
        for name, kind in graph.items()
        if kind == DIAGNOSTICS_TYPE or (kind == LATENCY_TYPE and name.endswith(LATENCY_NAME))
    }


def _fitting_qos(node: Node, topic: str) -> QoSProfile:
    """Reliable where every publisher is, else best effort, which all of them serve."""
    reliable = all(
        peer.qos_profile.reliability == ReliabilityPolicy.RELIABLE
        for peer in node.get_publishers_info_by_topic(topic)
    )
    wanted = ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT
    return QoSProfile(depth=_DEPTH, reliability=wanted)
