"""Ends of the node's process, and what they leave to the next one."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from apanet_ros.abandoned_memory import YOUNG_SECONDS


@pytest.fixture(scope="module")
def robot(open_robot: Any) -> Iterator[Any]:
    with open_robot() as robot:
        yield robot


def under_load(robot: Any) -> None:
    """Leave more pairs under way than the node can have taken."""
    for _ in range(30):
        robot.send_pair()


def segments_of(process: Any) -> set[Path]:
    """The shared memory that the process owns: that whose lock it holds open."""
    locks = {path for path in process.open_files if path.name.endswith("_el")}
    segments = {path.with_name(path.name.removesuffix("_el")) for path in locks}
    return {path for path in segments if path.is_file() and "_port" not in path.name}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_under_load_ends_it_cleanly_and_the_next_goes_on(robot: Any, number: int) -> None:
    under_load(robot)
    node = robot.node
    segments = segments_of(node)
    assert node.stop(number) == 0, node.output
    assert not any(segment.exists() for segment in segments)
    assert "Traceback" not in node.output
    assert "publisher's context is invalid" not in node.output
    (last,) = [line for line in node.output.splitlines() if "Received" in line]
    assert "derained" in last
    robot.start()


def test_killed_under_load_it_can_be_started_again_and_takes_back_what_it_left(
    robot: Any, recovery: Any
) -> None:
    under_load(robot)
    left = segments_of(robot.node)
    assert left
    robot.node.kill()
    assert all(segment.exists() for segment in left)
    # The node spares what is as young as that of a process that only starts.
    time.sleep(YOUNG_SECONDS)
    robot.start()
    assert not any(segment.exists() for segment in left)
    recovery(robot).check()
