"""Two cameras in a process of their own: pairs at a steady rate, stamped as they are sent.

    python -m apanet_ros.load.cameras HEIGHT WIDTH RATE SECONDS

It waits for a subscriber of both images and ends with the number of pairs it sent, as JSON. An
interrupt ends it early.
"""

from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, Image

from apanet_core.imaging.types import ByteImage
from apanet_core.streaming.pairing import Side
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bags.header_stamp import HEADER_BYTES
from apanet_ros.bags.replay_timing import Pacer
from apanet_ros.large_images import room_for_images
from apanet_ros.node_process import NAMESPACE
from apanet_ros.ros_session import tool_node
from apanet_ros.stop_signals import stop_signals
from apanet_ros.topics import input_topics

_FRAMES = 8
_DISPARITY = 6
_LOOK_FOR_SUBSCRIBERS_SECONDS = 0.05


class Camera:
    """One side's image and camera_info, best effort as drivers send them.

    Messages are serialised beforehand and only stamped when they are sent, so that a high rate
    costs this process little.

    Args:
        node: publishes.
        side: which camera.
        pictures: uint8 RGB `[H,W,3]`, sent in turn.
    """

    def __init__(self, node: Node, side: Side, pictures: list[ByteImage]) -> None:
        topics = input_topics(side)
        qos = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
        self.image: Publisher[Any] = node.create_publisher(Image, topics.image, qos)
        self._info: Publisher[Any] = node.create_publisher(CameraInfo, topics.camera_info, qos)
        self._images = [serialize_message(_message(picture)) for picture in pictures]
        height, width = pictures[0].shape[:2]
        self._camera_info = serialize_message(CameraInfo(width=width, height=height))

    def send(self, number: int, stamp: int) -> None:
        """Publish the picture of a number, and its camera_info, under a stamp in nanoseconds."""
        self._info.publish(stamped(self._camera_info, stamp))
        self.image.publish(stamped(self._images[number % len(self._images)], stamp))


def stamped(serialized: bytes, stamp: int) -> bytes:
    """Return a CDR message that begins with a header, under another stamp, in nanoseconds."""
    order = "<" if serialized[1] & 1 else ">"
    header = struct.pack(f"{order}iI", *divmod(stamp, NANOSECONDS))
    # A view of the rest, so that it is copied once: this time counts as the images' way.
    rest = memoryview(serialized)[HEADER_BYTES:]
    return b"".join((serialized[: HEADER_BYTES - len(header)], header, rest))


def pictures(height: int, width: int) -> Iterator[tuple[ByteImage, ByteImage]]:
    """Yield left and right pictures, uint8 RGB `[H,W,3]`, of a flat texture that moves along."""
    noise = np.random.default_rng(0).integers(0, 256, (height // 4 + 2, width // 4 + 2, 3))
    enlarged = cv2.resize(noise.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    texture = np.asarray(enlarged, np.uint8)
    for number in range(_FRAMES):
        left: NDArray[np.uint8] = np.roll(texture, 4 * number, axis=1)
        yield left, np.roll(left, -_DISPARITY, axis=1)


def _message(picture: ByteImage) -> Image:
    height, width = picture.shape[:2]
    image = Image(height=height, width=width, encoding="rgb8", step=3 * width)
    image.data.frombytes(np.ascontiguousarray(picture).data)
    return image


def run(height: int, width: int, rate: float, seconds: float) -> int:
    """Send pairs for a while and return how many."""
    with stop_signals() as stopping, room_for_images(), tool_node("cameras") as node:
        views = zip(*pictures(height, width), strict=True)
        cameras = [Camera(node, side, list(each)) for side, each in zip(Side, views, strict=True)]
        while not all(each.image.get_subscription_count() for each in cameras):
            if stopping.wait(_LOOK_FOR_SUBSCRIBERS_SECONDS):
                return 0
        pacer = Pacer(1.0, time.monotonic, time.sleep)
        pacer.start(0)
        count = round(rate * seconds)
        for number in range(count):
            due = round(number / rate * NANOSECONDS)
            # A camera that is held up does not send the missed pictures all at once later.
            pacer.forgive(due)
            pacer.wait_until(due)
            if stopping.is_set():
                return number
            stamp = time.time_ns()
            for camera in cameras:
                camera.send(number, stamp)
        return count


def command(height: int, width: int, rate: float, seconds: float) -> list[str]:
    """Return the command line of such a process, on the topics of `NAMESPACE`."""
    arguments = [str(value) for value in (height, width, rate, seconds)]
    remap = ["--ros-args", "-r", f"__ns:={NAMESPACE}"]
    return [sys.executable, "-m", __name__, *arguments, *remap]


if __name__ == "__main__":
    height, width, rate, seconds = sys.argv[1:5]
    print(json.dumps(run(int(height), int(width), float(rate), float(seconds))))
