"""What must hold after each fault: the node lives, counts add up, pairs go on, nothing is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

PAIRS_OF_A_SECOND = 10
PATIENCE_SECONDS = 10.0
"""Pairs go on within a second as their stamps count it; by the clock in ten, on a busy machine."""
MEMORY_BYTES = 100 * 2**20
"""What a process may hold more than before, of images that are still under way and of caches."""

_IMAGES = ("paired", "unpaired", "stamp_jump", "waiting")
_PAIRS = ("derained", "unwanted", "replaced", "late", "rejected", "failed", "passed_through")


class Recovery:
    """Compares a node after a fault with what it was before."""

    def __init__(self, robot: Any) -> None:
        self._robot = robot
        self._threads, self._memory = robot.node.threads, robot.node.resident_bytes

    def check(self, kept_bytes: int = 0) -> dict[str, int]:
        """Assert that the node came through, `kept_bytes` kept, and return its counters."""
        assert self._robot.node.running, self._robot.node.output
        self._assert_pairs_go_on()
        counters = self._robot.counters()
        assert_counters_add_up(counters)
        assert "Traceback" not in self._robot.node.output
        assert self._robot.node.threads <= self._threads
        assert self._robot.node.resident_bytes - self._memory < MEMORY_BYTES + kept_bytes
        return counters

    def _assert_pairs_go_on(self) -> None:
        begin = time.monotonic()
        sent = 1
        while not self._robot.comes_out():
            sent += 1
        assert sent <= PAIRS_OF_A_SECOND
        assert time.monotonic() - begin < PATIENCE_SECONDS
        assert self._robot.is_derained()


def assert_counters_add_up(counters: dict[str, int]) -> None:
    """Assert that every image and every pair is accounted for once."""
    for side in ("left", "right"):
        ways = {way: counters[f"{side}_{way}"] for way in _IMAGES}
        assert counters[f"{side}_received"] == sum(ways.values()), ways
    assert counters["left_paired"] == counters["right_paired"] == counters["paired"]
    assert counters["in_flight"] == 0
    outcomes = {outcome: counters[outcome] for outcome in _PAIRS}
    assert counters["paired"] == sum(outcomes.values()), outcomes


@pytest.fixture
def recovery() -> Callable[[Any], Recovery]:
    """Look at a robot's node before a fault."""
    return Recovery
