"""The node: two rainy cameras in, two clean ones out. It wires; it never computes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Event
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.logging import get_logger
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Header

from apanet_core.errors import ApanetError, ConfigError
from apanet_ros.control import offer_services
from apanet_ros.diagnostics import PERIOD, Diagnostics, state_status, summary
from apanet_ros.large_images import room_for_images
from apanet_ros.node_log import NodeLog
from apanet_ros.parameters import declare_parameters, unknown_parameters
from apanet_ros.pipeline import DerainPipeline
from apanet_ros.stop_signals import stop_signals
from apanet_ros.topics import DIAGNOSTICS

_NAME = "derain_node"
_LOOK_FOR_SIGNALS_SECONDS = 0.2


class DerainNode(LifecycleNode):
    """Stereo deraining as a managed ROS 2 node; docs/ros_interface.md lists its interface.

    Raises:
        ConfigError: a parameter has a value it cannot have.
    """

    def __init__(self) -> None:
        super().__init__(_NAME)
        self._log = NodeLog(self)
        self._options = declare_parameters(self)
        for sentence in unknown_parameters(self):
            self._log.warn_once(sentence)
        self._pipeline: DerainPipeline | None = None
        self._state = "unconfigured"
        self._failure = ""
        self._starting = False
        self._diagnostics_publisher = self.create_publisher(DiagnosticArray, DIAGNOSTICS, 10)
        # A steady clock, so that reports come while simulated time stands still.
        self.create_timer(
            PERIOD, self._publish_diagnostics, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        self.add_on_set_parameters_callback(self._change_parameters)
        offer_services(self, self._reset_statistics)

    @property
    def finalized(self) -> bool:
        """Whether the node was shut down and can only be destroyed."""
        return self._state == "finalized"

    @property
    def failure(self) -> str:
        """Why the last transition failed; empty where it did not."""
        return self._failure

    def start(self) -> None:
        """Configure and activate, where `autostart` says so.

        Raises:
            ConfigError: it could not; the message says why.
        """
        if not self._options.autostart:
            name = self.get_fully_qualified_name()
            self._log.announce(f"Unconfigured: `ros2 lifecycle set {name} configure` begins.")
            return
        self._starting = True
        for trigger in (self.trigger_configure, self.trigger_activate):
            if trigger() != TransitionCallbackReturn.SUCCESS:
                raise ConfigError(self._failure)
        self._starting = False

    def close(self) -> None:
        """Shut down in order, whatever state the node is in."""
        if not self.finalized:
            self.trigger_shutdown()

    def on_configure(self, _: LifecycleState) -> TransitionCallbackReturn:
        """Load the network, warm it up and advertise the outputs."""
        return self._change_state(self._configure, "inactive")

    def on_activate(self, _: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe to the cameras and begin."""
        return self._change_state(self._activate, "active")

    def on_deactivate(self, _: LifecycleState) -> TransitionCallbackReturn:
        """Take nothing in any more and finish the pair in work."""
        return self._change_state(self._deactivate, "inactive")

    def on_cleanup(self, _: LifecycleState) -> TransitionCallbackReturn:
        """Give topics, host and device memory back."""
        return self._change_state(self._clean_up, "unconfigured")

    def on_shutdown(self, _: LifecycleState) -> TransitionCallbackReturn:
        """Stop, and say what became of everything that came in."""
        result = self._change_state(self._clean_up, "finalized")
        self._state = "finalized"
        return result

    def on_error(self, _: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, from where it can be tried again."""
        return self._change_state(self._clean_up, "unconfigured")

    def _change_state(self, act: Callable[[], None], reached: str) -> TransitionCallbackReturn:
        """Act; when it cannot be done say why and stay in the state before."""
        try:
            act()
        except ApanetError as error:
            self._failure = str(error)
        except Exception as error:  # of a library; the transition fails, the node stays
            self._failure = f"{type(error).__name__}: {error}"
        else:
            self._state, self._failure = reached, ""
            return TransitionCallbackReturn.SUCCESS
        if not self._starting:
            self._log.fail(f"Not {reached}, still {self._state}: {self._failure}")
        return TransitionCallbackReturn.FAILURE

    def _configure(self) -> None:
        pipeline = DerainPipeline(self, self._options, self._log)
        self._diagnostics = Diagnostics(pipeline.identity, pipeline.read())
        self._pipeline = pipeline

    def _activate(self) -> None:
        if self._pipeline is not None:
            self._pipeline.activate()

    def _deactivate(self) -> None:
        if self._pipeline is not None:
            self._pipeline.deactivate()

    def _clean_up(self) -> None:
        self._deactivate()
        self._publish_diagnostics()
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            self._log.announce(summary(pipeline.read()))
            pipeline.close()

    def _publish_diagnostics(self) -> None:
        stamp = self.get_clock().now().to_msg()
        report = DiagnosticArray(header=Header(stamp=stamp))
        name = self.get_fully_qualified_name()
        report.status = [state_status(name, self._state, self._failure), *self._pipeline_statuses()]
        self._diagnostics_publisher.publish(report)

    def _pipeline_statuses(self) -> list[DiagnosticStatus]:
        if self._pipeline is None:
            return []
        self._pipeline.follow_publishers()
        reading = self._pipeline.read()
        missing = self._diagnostics.missing_camera_infos(reading)
        for sentence in (*reading.qos_problems, *missing, *reading.frames, *reading.latches):
            self._log.warn_once(sentence)
        return self._diagnostics.report(reading)

    def _reset_statistics(self) -> None:
        if self._pipeline is not None:
            self._pipeline.reset()
            self._diagnostics.begin(self._pipeline.read())

    def _change_parameters(self, parameters: list[Parameter[Any]]) -> SetParametersResult:
        try:
            options = self._options.changed(parameters, configured=self._pipeline is not None)
            if self._pipeline is not None:
                self._pipeline.change(options)
        except ConfigError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self._options = options
        return SetParametersResult(successful=True)


def main() -> int:
    """Run the node until it is shut down, by SIGINT, SIGTERM or a transition; return the exit code.

    With autostart, a node that cannot start ends: whoever started it then sees why.
    """
    with stop_signals() as stopping, room_for_images():
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
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        node.start()
        while not stopping.is_set() and not node.finalized:
            executor.spin_once(timeout_sec=_LOOK_FOR_SIGNALS_SECONDS)
    finally:
        node.close()
        executor.shutdown()
        node.destroy_node()


if __name__ == "__main__":
    sys.exit(main())
