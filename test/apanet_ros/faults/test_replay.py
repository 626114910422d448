"""A bag's player over DDS, in simulated time: whatever it does, pairing goes on within two frames.

What pairs is decided in `apanet_core/streaming/pairing.py`, whose tests try any order of stamps.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from rosgraph_msgs.msg import Clock

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
FRAMES = 5


class Player:
    """Plays pairs and /clock to a robot.

    Args:
        robot: its node is on simulated time.
    """

    def __init__(self, robot: Any) -> None:
        self.robot = robot
        self.now = START
        self._clock = robot.peer.node.create_publisher(Clock, "/clock", 10)

    def tick(self) -> None:
        """Publish the time."""
        clock = Clock()
        clock.clock.sec, clock.clock.nanosec = divmod(self.now, SECOND)
        self._clock.publish(clock)

    def play(self, frames: int = FRAMES, rate: float = 1.0) -> None:
        """Play on, a pair every 0.1 s of the bag."""
        for _ in range(frames):
            self.now += SECOND // 10
            self.tick()
            self.robot.send_pair(self.now)
            self.robot.peer.spin_for(0.1 / rate)

    def comes_out(self) -> bool:
        """Play one pair; whether it comes out, however long that takes here."""
        self.robot.seek(self.now)
        self.now += SECOND // 10
        self.tick()
        return bool(self.robot.comes_out(seconds=10.0))

    def seek(self, seconds: float) -> None:
        """Go elsewhere in the bag."""
        self.now += round(seconds * SECOND)

    def pause(self, seconds: float) -> None:
        """Stand still, and say so as players do."""
        for _ in range(round(seconds / 0.1)):
            self.tick()
            self.robot.peer.spin_for(0.1)


def a_loop(player: Player) -> None:
    player.now = START


def a_seek_in_mid_pair(player: Player) -> None:
    player.robot.cameras.send("left", player.robot.views["left"], player.now + SECOND // 10)
    player.seek(-60)
    player.robot.cameras.send("right", player.robot.views["right"], player.now)


def many_seeks(player: Player) -> None:
    for seconds in (500, -200, 7, -0.05, 3000, -3000):
        player.seek(seconds)
        player.play(1)


def images_ahead_of_the_clock(player: Player) -> None:
    for _ in range(FRAMES):
        player.now += SECOND // 10
        player.robot.send_pair(player.now)
    player.tick()


EVENTS: dict[str, Callable[[Player], None]] = {
    "a loop": a_loop,
    "a seek backward": lambda player: player.seek(-100),
    "a small seek backward": lambda player: player.seek(-0.15),
    "a seek forward": lambda player: player.seek(1000),
    "a seek in mid-pair": a_seek_in_mid_pair,
    "many seeks": many_seeks,
    "a pause": lambda player: player.pause(1.5),
    "ten times as fast as real time": lambda player: player.play(30, rate=10.0),
    "as fast as can be": lambda player: player.play(100, rate=1e9),
    "images ahead of the clock": images_ahead_of_the_clock,
}


@pytest.fixture(scope="module")
def player(open_robot: Any) -> Iterator[Player]:
    """Ages count from stamps, by simulated time; what is older than a minute passes as it came."""
    with open_robot(use_sim_time="true", latency_budget_ms=60_000.0) as robot:
        yield Player(robot)


@pytest.mark.parametrize("event", EVENTS)
def test_pairing_goes_on_within_two_frames(event: str, player: Player, recovery: Any) -> None:
    player.play(3)
    before = recovery(player.robot)
    EVENTS[event](player)
    assert player.comes_out() or player.comes_out()
    before.check()


def test_a_real_bag_that_loops_faster_than_real_time_goes_on_in_each_loop(
    start_node: Any, start_process: Any, peer: Any, make_derained: Any, tmp_path: Path
) -> None:
    pytest.importorskip("rosbags")
    from apanet_core.rain import StereoGeometry
    from apanet_core.sequences.stereo_frame import StereoFrame
    from apanet_ros.bags.stereo_bag import StereoBagWriter

    frames = np.random.default_rng(2).integers(0, 256, (6, 2, 48, 64, 3), np.uint8)
    with StereoBagWriter(tmp_path / "bag") as writer:
        for number, (left, right) in enumerate(frames):
            stamp = START + number * SECOND // 10
            writer.write(StereoFrame(stamp, left, right, StereoGeometry()))
    start_node(namespace="/stereo", use_sim_time="true")
    derained = make_derained("/stereo/derained")
    replay = start_process(
        *("-m", "apanet_ros.cli", "replay", str(tmp_path / "bag")),
        *("--rate", "4", "--loop", "--clock"),
    )
    peer.spin_until(lambda: len(derained.left) > 40, "pairs of many loops")
    assert replay.stop(signal.SIGINT) == 130, replay.output
    derained.wait_for_value("input", "stamp_jumps", 4)
