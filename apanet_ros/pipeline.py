"""All that a pair passes on its way through the node; it lives from configure to cleanup."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from apanet_core.errors import ConfigError
from apanet_core.runtime.memory import (
    device_memory,
    process_memory,
    release_memory,
    settle_memory,
)
from apanet_core.streaming.ladder import Ladder
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.rain_gate import RainGate
from apanet_core.streaming.statistics import StreamStatistics
from apanet_core.streaming.steadiness import Steadiness
from apanet_core.time_units import NANOSECONDS
from apanet_ros.diagnostics import Identity, Reading
from apanet_ros.endpoints import Endpoints
from apanet_ros.inference.inference_worker import InferenceWorker
from apanet_ros.inference.networks import load_networks, measure_ladder, model_hashes
from apanet_ros.latency_topic import LatencyTopic
from apanet_ros.node_log import NodeLog
from apanet_ros.parameters import NodeOptions
from apanet_ros.rain_topic import RainTopic
from apanet_ros.stereo.frame_advice import frame_advice
from apanet_ros.stereo.rectification_advice import rectification_advice
from apanet_ros.stereo.row_fit import RowFitCheck
from apanet_ros.stereo.side_by_side import SideBySideConversion, SideBySideInput
from apanet_ros.stereo.stereo_conversion import RAW, StereoConversion
from apanet_ros.stereo.stereo_input import NONE, StereoInput, StereoPair
from apanet_ros.stereo.stereo_output import StereoOutput
from apanet_ros.topics import (
    CameraTopics,
    input_qos,
    input_topics,
    output_qos,
    output_topics,
    side_by_side_topics,
)

if TYPE_CHECKING:
    from rclpy.publisher import Publisher

_AUDIENCE_SETTLES_SECONDS = 1.0


class DerainPipeline:
    """Two cameras, the network and the four outputs, wired together.

    Args:
        node: gives topics and time.
        options: as configured.
        log: is told what goes on.

    Raises:
        ApanetError: the weights or the device cannot be used, or a topic has no valid name.
    """

    def __init__(self, node: Node, options: NodeOptions, log: NodeLog) -> None:
        self._node = node
        self._options = options
        self._log = log
        self._refuse_contradiction()
        self._derainer = load_networks(options, log.announce)
        self._ladder = Ladder(len(self._derainer.points), options.ladder_options, time.monotonic)
        measure_ladder(self._derainer, self._ladder, options.image_size, log.announce)
        self._gate = RainGate(options.gate_options, time.monotonic)
        self._statistics = StreamStatistics()
        self._input = StereoInput(options.input_options, self._submit, time.monotonic, log.warn)
        conversion = SideBySideConversion if options.side_by_side else StereoConversion
        self._conversion = conversion(options.conversion_options, self._input.camera_info)
        self._endpoints = Endpoints(node, log.announce)
        try:
            self._output = self._advertise()
        except ConfigError:
            self._endpoints.close()
            raise
        self._audience = Steadiness(_AUDIENCE_SETTLES_SECONDS, time.monotonic)
        self._latency_topic = LatencyTopic(node)
        self._rain_topic = RainTopic(node)
        self._worker: InferenceWorker | None = None
        self._problem = ""
        self.identity = Identity(
            node=node.get_fully_qualified_name(),
            model=self._derainer.description,
            model_sha256=model_hashes(self._derainer),
            device=self._derainer.device,
            points=tuple(map(str, self._derainer.points)),
            topics={side: self._resolved(self._input_topics(side)) for side in Side},
            camera_info=options.camera_info,
        )
        self._row_check = RowFitCheck(
            time.monotonic,
            None if options.rectify else self._input.latest_camera_info,
            {side: topics.camera_info for side, topics in self.identity.topics.items()},
        )

    def activate(self) -> None:
        """Begin to take images in and to work on them."""
        settle_memory()
        self._worker = self._make_worker()
        self._worker.start()
        self._rain_topic.publish(self._gate.raining)
        self._subscribe()
        inputs, outputs = self._endpoints.image_topics()
        self._log.announce(f"Ready: {inputs} come out as {outputs}.")

    def deactivate(self) -> None:
        """Take nothing in any more, finish the pair in work and let go of the others."""
        self._endpoints.unsubscribe()
        if self._worker is not None:
            self._worker.stop()
            self._problem = self._worker.last_problem
            self._worker = None
        self._input.forget_waiting()

    def close(self) -> None:
        """Give topics and memory back."""
        self.deactivate()
        self._endpoints.close()
        self._latency_topic.close()
        self._rain_topic.close()
        del self._derainer
        release_memory()

    def change(self, options: NodeOptions) -> None:
        """Go on with other values of the parameters that may change at run time.

        Raises:
            ConfigError: the weights do not separate the veil; nothing has changed then.
        """
        self._derainer.veil_removal = options.veil_removal
        self._options = options
        self._input.configure(options.input_options)
        self._ladder.options = options.ladder_options
        self._gate.options = options.gate_options
        if self._worker is not None:
            self._worker.options = options.worker_options

    def reset(self) -> None:
        """Begin to count anew."""
        self._statistics.reset()
        self._input.reset_counts()
        self._endpoints.missed_deadlines = 0

    def follow_publishers(self) -> None:
        """Take in camera_infos that were latched before, wherever they are offered by now."""
        self._endpoints.follow_publishers()

    def read(self) -> Reading:
        """The state of everything at this moment."""
        return Reading(
            time=time.monotonic(),
            input=self._input.snapshot(),
            pairs=self._statistics.snapshot(),
            slop=self._options.slop,
            budget=self._ladder.options.budget,
            step=self._ladder.current,
            predicted=self._ladder.predicted,
            enabled=self._options.enabled,
            raining=self._gate.raining if self._options.dry_gate else None,
            rain_level=self._gate.level,
            missed_deadlines=self._endpoints.missed_deadlines,
            process_memory=process_memory(),
            device_memory=device_memory(self._derainer.device),
            problem=self._problem if self._worker is None else self._worker.last_problem,
            qos_problems=self._endpoints.refused_peers(),
            latches=self._missed_latches(),
            row_offset=self._row_check.fit.offset,
            rectification=self._rectification_advice(),
            frames=frame_advice({side: self._input.latest_camera_info(side) for side in Side}),
        )

    def _submit(self, pair: StereoPair) -> None:
        if self._worker is not None:
            self._worker.submit(pair)

    def _has_room(self, side: Side) -> bool:
        # Who wants all four outputs subscribes to one after the other, and is to get them whole.
        if not self._audience.is_steady(self._output.subscriptions()):
            return False
        has_worker_room = self._worker is not None and self._worker.has_room()
        return has_worker_room and self._input.has_room(side)

    def _wake_executor(self) -> None:
        """Let the executor see that there is room for more."""
        if (executor := self._node.executor) is not None:
            executor.wake()

    def _make_worker(self) -> InferenceWorker:
        return InferenceWorker(
            self._derainer,
            self._ladder,
            self._gate,
            self._statistics,
            self._options.worker_options,
            self._conversion,
            self._output,
            age=self._age if self._options.latency_reference == "stamp" else _age_since_receipt,
            log=self._log,
            report=self._latency_topic.publish,
            tell_rain=self._rain_topic.publish,
            done=self._wake_executor if self._options.replay else _do_nothing,
            look=self._row_check.measure_if_due,
            clock=time.monotonic,
        )

    def _advertise(self) -> StereoOutput:
        images: dict[Side, Publisher[Any]] = {}
        camera_infos: dict[Side, Publisher[CameraInfo]] = {}
        options = self._options
        compressed = options.output_transport != RAW
        for side in Side:
            topics = output_topics(side, options.output_namespace, compressed)
            kind = CompressedImage if compressed else Image
            images[side] = self._endpoints.advertise(kind, topics.image, output_qos(options))
            if options.camera_info != NONE:
                camera_infos[side] = self._endpoints.advertise(
                    CameraInfo, topics.camera_info, output_qos(options)
                )
        one_stamp = options.output_stamp == "left"
        return StereoOutput(images, camera_infos, self._conversion.camera_info, one_stamp)

    def _subscribe(self) -> None:
        options = self._options
        kind = Image if options.input_transport == RAW else CompressedImage
        if options.side_by_side:
            self._subscribe_to_both(kind)
            return
        for side in Side:
            topics = self._input_topics(side)
            take_image = partial(self._input.take_image, side)
            is_open = partial(self._has_room, side) if options.replay else None
            self._endpoints.subscribe(kind, topics.image, take_image, input_qos(options), is_open)
            self._subscribe_to_info(topics.camera_info, partial(self._input.take_camera_info, side))

    def _subscribe_to_both(self, kind: type[Any]) -> None:
        """Subscribe to one image of both views; its camera_info, or those of the views, come."""
        both = SideBySideInput(self._input)
        topics = self._input_topics(Side.LEFT)
        is_open = self._has_room_for_both if self._options.replay else None
        self._endpoints.subscribe(
            kind, topics.image, both.take_image, input_qos(self._options), is_open
        )
        self._subscribe_to_info(topics.camera_info, both.take_camera_info)
        for side in Side:
            take_info = partial(both.take_view_camera_info, side)
            self._subscribe_to_info(input_topics(side).camera_info, take_info)

    def _subscribe_to_info(self, topic: str, take: Callable[[CameraInfo], None]) -> None:
        if self._options.camera_info != NONE:
            self._endpoints.subscribe(
                CameraInfo, topic, take, input_qos(self._options), latching=True
            )

    def _has_room_for_both(self) -> bool:
        return all(map(self._has_room, Side))

    def _input_topics(self, side: Side) -> CameraTopics:
        compressed = self._options.input_transport != RAW
        if self._options.side_by_side:
            return side_by_side_topics(compressed)
        return input_topics(side, compressed)

    def _refuse_contradiction(self) -> None:
        """Raise `ConfigError` where an image of one view is remapped beside one of both."""
        if not self._options.side_by_side:
            return
        compressed = self._options.input_transport != RAW
        namespace = self._node.get_namespace().rstrip("/")
        for side in Side:
            name = input_topics(side, compressed).image
            given = self._node.resolve_topic_name(name)
            if given != f"{namespace}/{name}":
                raise ConfigError(
                    f"side_by_side takes both views from image_rect, and {name} is remapped to "
                    f"{given}: leave one of the two out."
                )

    def _missed_latches(self) -> list[str]:
        """About latched camera_infos of cameras that have none."""
        return [
            sentence
            for side in Side
            if self._input.latest_camera_info(side) is None
            for sentence in self._endpoints.missed_latches(self.identity.topics[side].camera_info)
        ]

    def _rectification_advice(self) -> list[str]:
        return rectification_advice(
            {side: self._input.latest_camera_info(side) for side in Side},
            self._row_check.fit,
            self._options.rectify,
        )

    def _resolved(self, topics: CameraTopics) -> CameraTopics:
        resolve = self._node.resolve_topic_name
        return CameraTopics(resolve(topics.image), resolve(topics.camera_info))

    def _age(self, pair: StereoPair) -> float:
        """Seconds since the pair's stamp, by the node's clock."""
        return float(self._node.get_clock().now().nanoseconds - pair.left_stamp) / NANOSECONDS


def _age_since_receipt(pair: StereoPair) -> float:
    """Seconds since the first of the pair's images came."""
    return time.monotonic() - min(pair.left.received, pair.right.received)


def _do_nothing() -> None:
    """Be told of a pair that is done."""
