"""The node's times and counters as a picture on a topic, for viewers that cannot plot, as RViz."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from matplotlib.backends.backend_agg import FigureCanvasAgg
from rclpy.exceptions import InvalidTopicNameException
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import Float64MultiArray

from apanet_core.errors import ConfigError
from apanet_core.imaging.types import ByteImage
from apanet_ros.bag_view.latency import NodeRecord, latency_figure
from apanet_ros.image_conversion import write_rgb
from apanet_ros.topics import DIAGNOSTICS

HISTORY_S = 60.0
PERIOD_S = 0.5
_DOTS_PER_INCH = 90


class LatencyPlot:
    """Draws what a derain node tells of itself, twice a second while somebody looks.

    Args:
        node: to subscribe and publish with; works while somebody spins it.
        derain_node: its full name, as in "/stereo/derain_node".
        clock: seconds, monotonic.

    Raises:
        ConfigError: a node cannot have that name.
    """

    def __init__(
        self, node: Node, derain_node: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._node = node
        self._name = derain_node.strip("/")
        self._clock = clock
        self._start = clock()
        self._record = NodeRecord()
        self.topic = f"/{self._name}/latency_plot"
        self.drawn = 0
        try:
            self._publisher = node.create_publisher(Image, self.topic, QoSProfile(depth=1))
        except InvalidTopicNameException:
            raise ConfigError(
                f"{derain_node!r} is no name of a node; give its full name, as in "
                "/stereo/derain_node."
            ) from None
        latency = f"/{self._name}/latency"
        node.create_subscription(Float64MultiArray, latency, self._take_latency, 100)
        node.create_subscription(DiagnosticArray, DIAGNOSTICS, self._take_diagnostics, 100)
        node.create_timer(PERIOD_S, self._publish)

    def _take_latency(self, message: Float64MultiArray) -> None:
        self._record.take_latency(self._now(), message)

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        message.status = [
            status
            for status in message.status
            if status.name.strip("/").startswith(f"{self._name}:")
        ]
        self._record.take_diagnostics(self._now(), message)

    def _publish(self) -> None:
        self._record.forget(self._now() - HISTORY_S)
        if self._record.empty or not self._publisher.get_subscription_count():
            return
        like = Image(encoding="rgb8")
        like.header.stamp = self._node.get_clock().now().to_msg()
        like.header.frame_id = self._name
        self._publisher.publish(write_rgb(drawn(self._record), "same", like))
        self.drawn += 1

    def _now(self) -> float:
        return self._clock() - self._start


def drawn(record: NodeRecord) -> ByteImage:
    """Return the plot of `latency_figure` as uint8 RGB `[H,W,3]`."""
    figure = latency_figure(record)
    figure.set_dpi(_DOTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba(), np.uint8)[:, :, :3])
