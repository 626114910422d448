"""Loads a node with two cameras in another process and watches what becomes of their pairs."""

from __future__ import annotations

import json
import math
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.parameter_client import AsyncParameterClient
from std_srvs.srv import Trigger

from apanet_core.progress import progress
from apanet_core.weights import resolve_weights
from apanet_ros.diagnostics.listener import Values
from apanet_ros.large_images import room_for_images
from apanet_ros.load.cameras import command
from apanet_ros.load.listener import LoadListener
from apanet_ros.load.measurement import LoadMeasurement
from apanet_ros.node_process import NODE_NAME, NodeProcess, node_process
from apanet_ros.ros_session import private_domain, spinning, tool_node

_START_SECONDS = 180.0
_ANSWER_SECONDS = 60.0
_PAIRS_BEFORE = 6
_WARM_UP_RATE = 5.0
_WARM_UP_SECONDS = 600.0
_HALF_AS_MUCH_AGAIN = 1.5
_MEMORY = "process_memory_mb"


@dataclass(frozen=True)
class LoadTestOptions:
    """How hard to load what.

    Attributes:
        model, device: as `StereoDerainer` takes them.
        height, width: of the images.
        loads: pairs a second over those that the node can derain, one after the other: at its
            fastest operating point where that is 1 or more, else at its best.
        rate: pairs a second, instead; 0 goes by the loads.
        seconds: for how long each.
        budget: of the latency, in seconds; 0 is no limit; None is half as much again as a pair
            takes at the best operating point.
        parameters: further ones of the node.
    """

    model: str = "tiny"
    device: str = "auto"
    height: int = 192
    width: int = 640
    loads: tuple[float, ...] = (3.0,)
    rate: float = 0.0
    seconds: float = 60.0
    budget: float | None = None
    parameters: tuple[tuple[str, Any], ...] = ()


def run_load_test(options: LoadTestOptions) -> list[LoadMeasurement]:
    """Start node and cameras on a ROS domain of their own, and measure it under each load.

    Raises:
        NodeProcessError: the node does not start, or ends under the load.
        CheckpointError: there is no such model.
    """
    resolve_weights(options.model)
    with (
        tempfile.TemporaryDirectory(prefix="apanet_load_") as folder,
        private_domain(),
        room_for_images(),
        tool_node("apanet_load_test") as node,
    ):
        listener = LoadListener(node)
        log = Path(folder) / "node.log"
        with spinning(node), node_process(_parameters(options), log) as process:
            measurements = _LoadTest(options, node, listener, process).run()
            process.stop()
            return measurements


def _parameters(options: LoadTestOptions) -> dict[str, Any]:
    return {
        "model": options.model,
        "device": options.device,
        "image_height": options.height,
        "image_width": options.width,
        **dict(options.parameters),
    }


class _LoadTest:
    """One node, warm once some pairs have come out, and then under load."""

    def __init__(
        self, options: LoadTestOptions, node: Node, listener: LoadListener, process: NodeProcess
    ) -> None:
        self._options = options
        self._node = node
        self._listener = listener
        self._process = process

    def run(self) -> list[LoadMeasurement]:
        """Return what was measured under each load."""
        self._process.wait_until(self._is_up, "start", _START_SECONDS)
        step_times = self._warm_up()
        budget = self._options.budget
        budget = _HALF_AS_MUCH_AGAIN * step_times[0] if budget is None else budget
        self._set_budget(budget)
        return [self._measure(load, budget, step_times) for load in self._options.loads]

    def _measure(self, load: float, budget: float, step_times: list[float]) -> LoadMeasurement:
        self._reset_statistics()
        self._listener.begin()
        threads = self._process.threads
        rate = self._options.rate or load / (step_times[-1] if load >= 1 else step_times[0])
        sent, memory = self._send(rate)
        report = self._settled()
        return LoadMeasurement(
            rate=rate,
            sent=sent,
            seconds=self._options.seconds,
            budget=budget,
            step_times=step_times,
            times=list(self._listener.times),
            delivered=list(self._listener.delivered),
            counters=_whole_numbers(report["input"]) | _whole_numbers(report["pairs"]),
            derained_at=[int(each) for each in _of_points(report["network"], "derained")],
            memory_mb=memory,
            threads=(threads, self._process.threads),
        )

    def _is_up(self) -> bool:
        states = self._listener.diagnostics.values.get("state", {})
        return states.get("state") == "active"

    def _warm_up(self) -> list[float]:
        """Have some pairs derained; return the seconds predicted for each operating point."""
        with self._cameras(_WARM_UP_RATE, _WARM_UP_SECONDS):
            self._process.wait_until(self._is_warm, "derained pairs", _WARM_UP_SECONDS)
        values = self._settled()["network"]
        return [float(each) / 1000 for each in _of_points(values, "predicted_ms")]

    def _is_warm(self) -> bool:
        values = self._listener.diagnostics.values
        return "pairs" in values and int(values["pairs"]["derained"]) >= _PAIRS_BEFORE

    def _send(self, rate: float) -> tuple[int, list[float]]:
        """Send pairs at a rate; return how many, and the node's memory in MB once a second."""
        memory = []
        with self._cameras(rate, self._options.seconds) as cameras:
            for _ in progress(range(math.ceil(self._options.seconds)), "load", unit="s"):
                time.sleep(1.0)
                memory.append(float(self._listener.diagnostics.values["network"][_MEMORY]))
                self._process.check()
            output, _ = cameras.communicate(timeout=_ANSWER_SECONDS)
        return int(json.loads(output)), memory

    @contextmanager
    def _cameras(self, rate: float, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
        size = self._options.height, self._options.width
        cameras = subprocess.Popen(command(*size, rate, seconds), stdout=subprocess.PIPE)
        try:
            yield cameras
        finally:
            cameras.terminate()
            cameras.wait()

    def _settled(self) -> Mapping[str, Values]:
        """The node's report once nothing is under way."""
        now = time.monotonic()
        settled = partial(self._listener.diagnostics.settled_since, now)
        self._process.wait_until(settled, "end of the pairs under way", _ANSWER_SECONDS)
        return self._listener.diagnostics.values

    def _set_budget(self, seconds: float) -> None:
        client: Any = AsyncParameterClient(self._node, NODE_NAME)
        value = Parameter("latency_budget_ms", value=1000 * seconds)
        self._await(client.set_parameters([value]), "answer about the budget")

    def _reset_statistics(self) -> None:
        client: Any = self._node.create_client(Trigger, f"{NODE_NAME}/reset_statistics")
        self._process.wait_until(client.service_is_ready, "service", _ANSWER_SECONDS)
        self._await(client.call_async(Trigger.Request()), "answer about the statistics")

    def _await(self, future: Any, what: str) -> None:
        self._process.wait_until(future.done, what, _ANSWER_SECONDS)


def _of_points(network: Values, name: str) -> list[str]:
    """The values of a name, of every operating point, best first."""
    points = [key for key in network if re.fullmatch(rf"point_\d+_{name}", key)]
    return [network[key] for key in points]


def _whole_numbers(values: Values) -> dict[str, int]:
    return {key: int(value) for key, value in values.items() if value.isdigit()}
