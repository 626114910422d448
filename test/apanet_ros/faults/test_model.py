"""A network that breaks down over some pictures, in a real runtime, in the node's own process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

WHITE, BLACK = (np.full((48, 64, 3), value, np.uint8) for value in (255, 0))


@pytest.fixture(scope="module")
def robot(open_robot: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two operating points; only the first sees more than 32 rows."""
    model = tmp_path_factory.mktemp("model") / "fragile.onnx"
    script = Path(__file__).with_name("fragile_network.py")
    subprocess.run([sys.executable, script, model], check=True)
    with open_robot(
        model=model, ladder='["1.0", "0.5"]', input_reliability="reliable", input_depth=50
    ) as robot:
        yield robot


def send(robot: Any, left: Any, right: Any) -> None:
    """Send one pair of other pictures and wait until it has come out."""
    at = robot.next_stamp()
    robot.cameras.send("left", left, at)
    robot.cameras.send("right", right, at)
    outputs = robot.derained.left, robot.derained.right
    robot.peer.spin_until(lambda: all(has(images, at) for images in outputs), "the pair")


def has(images: list[Any], stamp: int) -> bool:
    return any(
        each.header.stamp.sec * 10**9 + each.header.stamp.nanosec == stamp for each in images
    )


def derained_at(robot: Any, step: int) -> int:
    return int(robot.derained.values("network")[f"point_{step}_derained"])


def test_a_network_that_raises_lets_the_pair_out_as_it_came(robot: Any, recovery: Any) -> None:
    before, failed = recovery(robot), robot.counters()["failed"]
    send(robot, robot.views["left"], WHITE)
    assert bytes(robot.derained.left[-1].data) == robot.views["left"].tobytes()
    assert before.check()["failed"] == failed + 1
    assert "indices element out of data bounds" in robot.node.output


def test_out_of_memory_the_next_operating_point_takes_over_and_the_best_comes_back(
    robot: Any, recovery: Any
) -> None:
    before, counters = recovery(robot), robot.counters()
    lower = derained_at(robot, 1)
    send(robot, WHITE, robot.views["right"])
    assert np.frombuffer(robot.derained.left[-1].data, np.uint8).max() == 0, "white is inverted"
    after = before.check()
    assert after["out_of_memory"] == counters["out_of_memory"] + 1
    assert after["failed"] == counters["failed"]
    assert derained_at(robot, 1) > lower
    best = derained_at(robot, 0)
    robot.peer.spin_until(
        lambda: robot.comes_out() and derained_at(robot, 0) > best, "the best operating point"
    )


def test_out_of_memory_everywhere_pairs_go_out_as_they_came_until_there_is_some(
    robot: Any, recovery: Any
) -> None:
    before, passed = recovery(robot), robot.counters()["passed_no_memory"]
    send(robot, BLACK, robot.views["right"])
    assert bytes(robot.derained.left[-1].data) == BLACK.tobytes()
    assert robot.comes_out(seconds=10.0)
    assert not robot.is_derained(), "every operating point rests for some seconds"
    assert robot.counters()["passed_no_memory"] >= passed + 2
    robot.peer.spin_until(lambda: robot.comes_out() and robot.is_derained(), "deraining")
    before.check()
