"""The node as a managed one, in a process of its own: every transition, and one that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.parameter import Parameter
from rclpy.parameter_client import AsyncParameterClient

START = 1_700_000_000 * 1_000_000_000
VIEW = np.random.default_rng(6).integers(0, 256, (48, 64, 3), np.uint8)
CONFIGURE = Transition.TRANSITION_CONFIGURE
ACTIVATE = Transition.TRANSITION_ACTIVATE
DEACTIVATE = Transition.TRANSITION_DEACTIVATE
CLEANUP = Transition.TRANSITION_CLEANUP
SHUTDOWN = Transition.TRANSITION_UNCONFIGURED_SHUTDOWN


class Manager:
    """Drives the node as a lifecycle manager does."""

    def __init__(self, peer: Any) -> None:
        self._peer = peer
        self._change = peer.node.create_client(ChangeState, "/derain_node/change_state")
        self._get = peer.node.create_client(GetState, "/derain_node/get_state")

    def change(self, transition: int) -> bool:
        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(self._call(self._change, request).success)

    @property
    def state(self) -> str:
        return str(self._call(self._get, GetState.Request()).current_state.label)

    def _call(self, client: Any, request: Any) -> Any:
        assert client.wait_for_service(60)
        return self._peer.answer(lambda: client.call_async(request), "an answer about the state")


def send_until(peer: Any, cameras: Any, done: Any, start: int = START) -> int:
    """Publish pairs until something holds; return the stamp after the last."""

    def send(stamp: int) -> None:
        cameras.send("left", VIEW, stamp)
        cameras.send("right", VIEW, stamp)

    return int(peer.send_until(send, done, start))


def start_unconfigured(start_process: Any, model: object) -> Any:
    parameters = {"autostart": "false", "model": model, "device": "cpu"}
    given = [part for name, value in parameters.items() for part in ("-p", f"{name}:={value}")]
    node = start_process("-m", "apanet_ros.derain_node", "--ros-args", *given)
    node.wait_for("Unconfigured")
    return node


def test_every_transition_does_what_it_says(
    start_process: Any, small_model: Path, peer: Any, cameras: Any, derained: Any
) -> None:
    node = start_unconfigured(start_process, small_model)
    manager = Manager(peer)
    assert manager.state == "unconfigured"
    assert "Loading" not in node.output

    assert manager.change(CONFIGURE)
    assert manager.state == "inactive"
    assert peer.node.count_publishers("/derained/left/image_rect") == 1
    assert peer.node.count_subscribers("/left/image_rect") == 0
    assert derained.wait_for("state", lambda values: values["state"] == "inactive")

    assert manager.change(ACTIVATE)
    cameras.connect()
    now = send_until(peer, cameras, lambda: derained.left)
    assert manager.change(DEACTIVATE)
    peer.spin_until(
        lambda: peer.node.count_subscribers("/left/image_rect") == 0, "the end of the subscription"
    )
    derained.diagnostics.clear()
    pairs = derained.values("pairs")
    assert pairs["in_flight"] == "0"
    assert int(pairs["derained"]) >= 1

    assert manager.change(ACTIVATE)
    published = len(derained.left)
    cameras.connect()
    send_until(peer, cameras, lambda: len(derained.left) > published, start=now)

    assert manager.change(DEACTIVATE)
    assert manager.change(CLEANUP)
    peer.spin_until(
        lambda: peer.node.count_publishers("/derained/left/image_rect") == 0, "the end of a topic"
    )
    assert manager.change(SHUTDOWN)
    assert node.end() == 0, node.output
    assert "Traceback" not in node.output


def test_a_configure_that_fails_says_why_and_can_be_retried(
    start_process: Any, small_model: Path, peer: Any, cameras: Any, derained: Any
) -> None:
    node = start_unconfigured(start_process, "enormous")
    manager = Manager(peer)
    assert not manager.change(CONFIGURE)
    assert manager.state == "unconfigured"
    assert "Not inactive, still unconfigured: No weights 'enormous'" in node.output
    derained.diagnostics.clear()
    assert derained.status("state").message.startswith("No weights 'enormous'")

    parameters = AsyncParameterClient(peer.node, "/derain_node")
    assert parameters.wait_for_services(60)
    change = [Parameter("model", value=str(small_model))]
    answer = peer.answer(lambda: parameters.set_parameters_atomically(change), "about the model")
    assert answer.result.successful
    assert manager.change(CONFIGURE)
    assert manager.change(ACTIVATE)
    cameras.connect()
    send_until(peer, cameras, lambda: derained.left)
    assert node.stop() == 0, node.output


def test_cleanup_gives_the_memory_of_a_large_network_back(
    start_process: Any, large_model: Path, peer: Any
) -> None:
    node = start_unconfigured(start_process, large_model)
    manager = Manager(peer)
    peaks, rests = [], []
    for _ in range(3):
        assert manager.change(CONFIGURE)
        peaks.append(node.resident_bytes)
        assert manager.change(CLEANUP)
        rests.append(node.resident_bytes)
    weights = large_model.stat().st_size
    assert weights > 100e6
    assert all(peak - rest > 0.8 * weights for peak, rest in zip(peaks, rests, strict=True))
    assert max(rests) - rests[0] < 0.2 * weights, "what one round leaves must not add up"
