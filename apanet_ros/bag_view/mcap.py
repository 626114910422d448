"""A recording as a small MCAP that Foxglove opens, with the layout to open it with."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage
from apanet_core.output_files import written_aside
from apanet_core.progress import progress
from apanet_core.recordings.comparison import compared
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bag_view.foxglove_layout import as_json, foxglove_layout
from apanet_ros.bag_view.latency import DIAGNOSTICS_TYPE, LATENCY_TYPE, node_topics
from apanet_ros.bag_view.seen_pairs import SeenPair, SeenPairs
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.stereo_topics import COMPRESSED_TYPE
from apanet_ros.bags.writer import BAG_NAMES, BagWriter, check_bag_target
from apanet_ros.errors import BagError

RAINY, DERAINED, BESIDE = VIEWS = tuple(
    f"/view/{name}/compressed" for name in ("rainy", "derained", "side_by_side")
)
LAYOUT = "foxglove_layout.json"
JPEG_QUALITY = 90

Timed = tuple[int, int, str, bytes]
"""Time, rank among equal times, topic, CDR."""


def write_mcap(
    pairs: SeenPairs, numbers: Sequence[int], node: BagReader | None, path: Path, force: bool
) -> int:
    """Write the folder `path`: a rosbag2 of JPEGs in MCAP, and the layout; return the pairs in it.

    Args:
        pairs, numbers: what to show; read and written one at a time.
        node: the bag with the node's diagnostics and latency, which are copied; None has none.
        path: the folder.
        force: replace an existing bag.

    Raises:
        BagError: no pair can be read, or another thing than a bag is at `path`.
        ConfigError: `path` exists and `force` is not given.
    """
    check_bag_target(path, force, [LAYOUT])
    with written_aside(path, force, BAG_NAMES) as aside:
        shown = _write_bag(pairs, numbers, node, aside)
        if not shown:
            raise BagError(f"None of the images of {pairs.topics[0]} can be read.")
        (aside / LAYOUT).write_text(as_json(_layout(node)), encoding="utf-8")
    return shown


def _write_bag(pairs: SeenPairs, numbers: Sequence[int], node: BagReader | None, path: Path) -> int:
    with BagWriter(path, "mcap") as bag:
        for topic in VIEWS:
            bag.add_topic(topic, COMPRESSED_TYPE)
        for copied in node_topics(node) if node else ():
            bag.copy_topic(copied)
        seen = progress(pairs.pairs(numbers), "view", len(numbers), unit="pair")
        shown = 0
        for time_ns, rank, topic, data in heapq.merge(_images(bag, seen), _of_node(node)):
            bag.write(topic, time_ns, data)
            shown += rank == VIEWS.index(RAINY)
    return shown


def _images(bag: BagWriter, seen: Any) -> Iterator[Timed]:
    for pair in seen:
        pictures = (pair.rainy, pair.derained, compared((pair.rainy,), (pair.derained,)))
        for rank, (topic, picture) in enumerate(zip(VIEWS, pictures, strict=True)):
            yield pair.time_ns, rank, topic, _compressed(bag, pair, picture)


def _of_node(node: BagReader | None) -> Iterator[Timed]:
    if node is None:
        return
    for message in node.messages([topic.name for topic in node_topics(node)]):
        yield message.time_ns, len(VIEWS), message.topic, message.serialized


def _compressed(bag: BagWriter, pair: SeenPair, picture: ByteImage) -> bytes:
    types = bag.typestore.types
    seconds, nanoseconds = divmod(pair.stamp_ns, NANOSECONDS)
    stamp = types["builtin_interfaces/msg/Time"](sec=seconds, nanosec=nanoseconds)
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    message = types[COMPRESSED_TYPE](
        header=types["std_msgs/msg/Header"](stamp=stamp, frame_id=pair.frame_id),
        format="jpeg",
        data=np.asarray(data, np.uint8).reshape(-1),
    )
    return bytes(bag.typestore.serialize_cdr(message, COMPRESSED_TYPE))


def _layout(node: BagReader | None) -> dict[str, Any]:
    names = {topic.message_type: topic.name for topic in (node_topics(node) if node else ())}
    return foxglove_layout(RAINY, DERAINED, names.get(LATENCY_TYPE), names.get(DIAGNOSTICS_TYPE))
