"""The node: two rainy cameras in, two clean ones out. It wires; it never computes."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.exceptions import InvalidTopicNameException
from rclpy.executors import SingleThreadedExecutor
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo, Image

from apanet_core.errors import ApanetError, ConfigError
from apanet_core.streaming.budget import LatencyBudget
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import StreamStatistics
from apanet_ros.diagnostics import (
    PERIOD,
    Diagnostics,
    Identity,
    Reading,
    summary,
)
from apanet_ros.inference_worker import InferenceWorker, WorkerOptions
from apanet_ros.large_images import room_for_images
from apanet_ros.parameters import declare_parameters, unknown_parameters
from apanet_ros.stamps import NANOSECONDS
from apanet_ros.stereo_input import StereoInput, StereoPair
from apanet_ros.stereo_output import StereoOutput
from apanet_ros.topics import (
    DIAGNOSTICS,
    CameraTopics,
    input_qos,
    input_topics,
    output_qos,
    output_topics,
    overridable,
    override_sentence,
    refused_peers,
)

if TYPE_CHECKING:
    from rclpy.publisher import Publisher
    from rclpy.subscription import Subscription

    from apanet_core.runtime.derainer import StereoDerainer

_NAME = "derain_node"
_WARM_UP_HEIGHT, _WARM_UP_WIDTH = 128, 160
_WARNINGS_APART_SECONDS = 5.0
_LOOK_FOR_SIGNALS_SECONDS = 0.2


class DerainNode(Node):
    """Stereo deraining as a ROS 2 node; docs/ros_interface.md lists its topics and parameters.

    Raises:
        ConfigError: a parameter has a value it cannot have.
    """

    def __init__(self) -> None:
        super().__init__(_NAME)
        self._subscribed: list[Subscription[Any]] = []
        self._advertised: list[Publisher[Any]] = []
        self._told: set[str] = set()
        self._options = declare_parameters(self)
        for sentence in unknown_parameters(self):
            self.get_logger().warning(sentence)

    def configure(self) -> None:
        """Load the network, warm it up, connect the topics and begin.

        Raises:
            ApanetError: the weights or the device cannot be used, or a topic has no valid name.
        """
        options = self._options
        derainer = self._load()
        self._statistics = StreamStatistics(time.monotonic)
        self._budget = LatencyBudget(options.latency_budget, time.monotonic)
        self._input = StereoInput(
            options.slop_nanoseconds, options.queue_size, self._submit, time.monotonic
        )
        self._worker = self._make_worker(derainer, self._connect_output())
        self._connect_input()
        self._start_diagnostics(derainer)
        self.add_on_set_parameters_callback(self._change_parameters)
        self._worker.start()
        self._announce_topics()

    def close(self) -> None:
        """Stop the worker and say what became of everything that came in."""
        self._worker.stop()
        self._publish_diagnostics()
        self._announce(summary(self._read()))

    def _load(self) -> StereoDerainer:
        # Only here: it brings in torch, which takes seconds.
        from apanet_core.runtime.derainer import StereoDerainer

        self._announce(f"Loading {self._options.model} ...")
        derainer = StereoDerainer(self._options.model, self._options.device)
        seconds = derainer.warm_up(_WARM_UP_HEIGHT, _WARM_UP_WIDTH)
        self._announce(f"Loaded {derainer.description}.")
        self._announce(
            f"A warm pair of {_WARM_UP_WIDTH} x {_WARM_UP_HEIGHT} takes {1000 * seconds:.1f} ms "
            f"on {derainer.device}."
        )
        return derainer

    def _submit(self, pair: StereoPair) -> None:
        self._worker.submit(pair)

    def _make_worker(self, derainer: StereoDerainer, output: StereoOutput) -> InferenceWorker:
        options = self._options
        return InferenceWorker(
            derainer,
            self._budget,
            self._statistics,
            WorkerOptions(options.output_encoding, drop_late=options.over_budget == "drop"),
            age=self._age if options.latency_reference == "stamp" else _age_since_receipt,
            publish=output.publish,
            announce=self._announce,
            warn=self._warn,
            clock=time.monotonic,
        )

    def _connect_output(self) -> StereoOutput:
        images: dict[Side, Publisher[Image]] = {}
        camera_infos: dict[Side, Publisher[CameraInfo]] = {}
        for side in Side:
            topics = output_topics(side, self._options.output_namespace)
            images[side] = self._advertise(Image, topics.image)
            camera_infos[side] = self._advertise(CameraInfo, topics.camera_info)
        one_stamp = self._options.output_stamp == "left"
        return StereoOutput(images, camera_infos, self._input.camera_info, one_stamp)

    def _connect_input(self) -> None:
        for side in Side:
            topics = input_topics(side)
            self._subscribe(Image, topics.image, partial(self._input.take_image, side))
            self._subscribe(
                CameraInfo, topics.camera_info, partial(self._input.take_camera_info, side)
            )

    def _advertise(self, message_type: type[Any], topic: str) -> Publisher[Any]:
        qos = output_qos(self._options)
        try:
            publisher = self.create_publisher(
                message_type, topic, qos, qos_overriding_options=overridable()
            )
        except InvalidTopicNameException as error:
            raise ConfigError(f"output_namespace makes no valid topic name: {error}") from error
        self._tell_override(publisher.topic_name, output_qos(self._options), qos)
        self._advertised.append(publisher)
        return publisher

    def _subscribe(
        self, message_type: type[Any], topic: str, callback: Callable[[Any], None]
    ) -> None:
        qos = input_qos(self._options)
        subscription = self.create_subscription(
            message_type, topic, callback, qos, qos_overriding_options=overridable()
        )
        self._tell_override(subscription.topic_name, input_qos(self._options), qos)
        self._subscribed.append(subscription)

    def _tell_override(self, topic: str, wanted: QoSProfile, actual: QoSProfile) -> None:
        # rclpy writes overrides into the profile it is given.
        if sentence := override_sentence(topic, wanted, actual):
            self._announce(sentence)

    def _announce_topics(self) -> None:
        inputs, outputs = (
            " and ".join(end.topic_name for end in ends if end.msg_type is Image)
            for ends in (self._subscribed, self._advertised)
        )
        self._announce(f"Ready: {inputs} come out as {outputs}.")

    def _start_diagnostics(self, derainer: StereoDerainer) -> None:
        identity = Identity(
            node=self.get_fully_qualified_name(),
            model=derainer.description,
            device=derainer.device,
            topics={side: self._resolved(input_topics(side)) for side in Side},
        )
        self._diagnostics = Diagnostics(identity, self._read())
        self._diagnostics_publisher = self.create_publisher(DiagnosticArray, DIAGNOSTICS, 10)
        # A steady clock, so that reports come while simulated time stands still.
        self.create_timer(
            PERIOD, self._publish_diagnostics, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def _resolved(self, topics: CameraTopics) -> CameraTopics:
        image, camera_info = map(self.resolve_topic_name, (topics.image, topics.camera_info))
        return CameraTopics(image, camera_info)

    def _publish_diagnostics(self) -> None:
        reading = self._read()
        missing = self._diagnostics.missing_camera_infos(reading)
        for sentence in (*reading.qos_problems, *missing):
            self._warn_once(sentence)
        stamp = self.get_clock().now().to_msg()
        self._diagnostics_publisher.publish(self._diagnostics.report(reading, stamp))

    def _read(self) -> Reading:
        return Reading(
            time=time.monotonic(),
            input=self._input.snapshot(),
            pairs=self._statistics.snapshot(),
            slop=self._options.slop,
            budget=self._budget.budget,
            predicted=self._budget.predicted,
            problem=self._worker.last_problem,
            qos_problems=refused_peers(self, self._subscribed, self._advertised),
        )

    def _change_parameters(self, parameters: list[Parameter[Any]]) -> SetParametersResult:
        try:
            self._options = options = self._options.changed(parameters)
        except ConfigError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self._input.configure(options.slop_nanoseconds, options.queue_size)
        self._budget.budget = options.latency_budget
        return SetParametersResult(successful=True)

    def _announce(self, sentence: str) -> None:
        self.get_logger().info(sentence)

    def _warn(self, sentence: str) -> None:
        self.get_logger().warning(sentence, throttle_duration_sec=_WARNINGS_APART_SECONDS)

    def _warn_once(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self.get_logger().warning(sentence)

    def _age(self, pair: StereoPair) -> float:
        """Seconds since the pair's stamp, by the node's clock."""
        return (self.get_clock().now().nanoseconds - pair.left_stamp) / NANOSECONDS


def _age_since_receipt(pair: StereoPair) -> float:
    """Seconds since the first of the pair's images came."""
    return time.monotonic() - min(pair.left.received, pair.right.received)


def main() -> int:
    """Run the node until SIGINT or SIGTERM; return the exit code."""
    with _stop_signals() as stopping, room_for_images():
        try:
            _start_ros()
            _run(stopping)
        except ApanetError as error:
            get_logger(_NAME).fatal(str(error))
            return 1
        finally:
            rclpy.try_shutdown()
    return 0


def _start_ros() -> None:
    try:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:
        raise ConfigError(f"ROS 2 does not take these arguments: {error}") from error


def _run(stopping: Event) -> None:
    node = DerainNode()
    node.configure()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        while not stopping.is_set():
            executor.spin_once(timeout_sec=_LOOK_FOR_SIGNALS_SECONDS)
    finally:
        node.close()
        executor.shutdown()
        node.destroy_node()


@contextmanager
def _stop_signals() -> Iterator[Event]:
    """Turn SIGINT and SIGTERM into an event, so that the worker and the topics close in order."""
    stopping = Event()
    previous = {
        number: signal.signal(number, lambda *_: stopping.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stopping
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
