"""When rows are looked at, and what three looks together say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from apanet_core.streaming.row_check import RowCheck


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_three_looks_a_second_apart_then_one_every_thirty(motorcycle: Any, clock: Clock) -> None:
    check = RowCheck(clock)
    left, right, _ = motorcycle
    for _ in range(3):
        assert check.due
        assert check.offset is None
        check.look(left, right)
        assert not check.due
        clock.now += 1.0
    assert check.offset == pytest.approx(0.0, abs=0.5)
    assert not check.due
    clock.now += 29.0
    assert check.due


def test_one_look_that_errs_does_not_count(motorcycle: Any, clock: Clock) -> None:
    check = RowCheck(clock)
    left, right, _ = motorcycle
    for rows in (5, 5, 0):
        check.look(left, np.roll(right, rows, axis=0))
    assert check.offset == pytest.approx(5.0, abs=0.5)


def test_what_tells_nothing_is_looked_at_again_soon(motorcycle: Any, clock: Clock) -> None:
    check = RowCheck(clock)
    for _ in range(5):
        check.look(np.zeros_like(motorcycle[0]), motorcycle[1])
        clock.now += 1.0
        assert check.due
    assert check.offset is None
