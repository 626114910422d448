"""Ends of the node's process, and what they leave to the next one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")


@pytest.fixture(scope="module")
def robot(open_robot: Any) -> Iterator[Any]:
    with open_robot() as robot:
        yield robot


def under_load(robot: Any) -> None:
    """Leave more pairs under way than the node can have taken."""
    for _ in range(30):
        robot.send_pair()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_under_load_ends_it_cleanly_and_the_next_goes_on(robot: Any, number: int) -> None:
    under_load(robot)
    node = robot.node
    assert node.stop(number) == 0, node.output
    assert "Traceback" not in node.output
    assert "publisher's context is invalid" not in node.output
    (last,) = [line for line in node.output.splitlines() if "Received" in line]
    assert "derained" in last
    robot.start()


def test_killed_under_load_it_can_be_started_again_beside_the_same_peers(
    robot: Any, recovery: Any
) -> None:
    under_load(robot)
    robot.node.kill()
    robot.start()
    recovery(robot).check()
