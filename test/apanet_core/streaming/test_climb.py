"""Hysteresis, with a clock turned by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apanet_core.streaming.climb import Climb


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(climb: Climb, clock: Clock, steps: list[int], seconds: float = 0.125) -> int | None:
    """Let these steps fit, surely, for a pair; then let time pass."""
    step = climb.take(steps, steps, hold=1.0)
    clock.now += seconds
    return step


def test_the_first_pair_takes_the_best_that_fits(clock: Clock) -> None:
    assert taken(Climb(clock), clock, [1, 2]) == 1


def test_down_is_immediate_and_up_waits_for_the_hold(clock: Clock) -> None:
    climb = Climb(clock)
    assert taken(climb, clock, [0, 1, 2]) == 0
    assert taken(climb, clock, [2]) == 2
    assert [taken(climb, clock, [0, 1, 2]) for _ in range(10)] == [2] * 8 + [0] * 2


def test_a_better_step_must_fit_without_a_break(clock: Clock) -> None:
    climb = Climb(clock)
    taken(climb, clock, [1])
    for _ in range(5):
        assert [taken(climb, clock, [0, 1]) for _ in range(7)] == [1] * 7
        assert taken(climb, clock, [1]) == 1


def test_a_step_without_margin_is_kept_but_not_risen_to(clock: Clock) -> None:
    climb = Climb(clock)
    assert climb.take([1, 2], [1, 2], hold=0.0) == 1
    assert climb.take([1, 2], [2], hold=0.0) == 1, "it still fits"
    assert climb.take([0, 1, 2], [1, 2], hold=0.0) == 1, "better, but not surely"
    assert climb.take([0, 1, 2], [0, 1, 2], hold=0.0) == 0


def test_after_a_raw_pair_deraining_sets_in_with_the_margin_and_without_waiting(
    clock: Clock,
) -> None:
    climb = Climb(clock)
    assert climb.take([], [], hold=1.0) is None
    assert climb.take([1], [], hold=1.0) is None
    assert climb.take([1], [1], hold=1.0) == 1


def test_each_vain_rise_doubles_the_wait_and_a_lasting_one_ends_that(clock: Clock) -> None:
    climb = Climb(clock)
    taken(climb, clock, [1])

    def pairs_until_risen() -> int:
        for count in range(10_000):
            if taken(climb, clock, [0, 1]) == 0:
                return count
        raise AssertionError("it never rose")

    waits = []
    for _ in range(4):
        waits.append(pairs_until_risen())
        assert taken(climb, clock, [1]) == 1
    assert waits == [8, 16, 32, 64]
    pairs_until_risen()
    for _ in range(400):
        assert taken(climb, clock, [0, 1]) == 0
    assert taken(climb, clock, [1]) == 1
    assert pairs_until_risen() == 8


def test_where_the_last_step_may_not_be_taken_any_more_the_nearest_is(clock: Clock) -> None:
    climb = Climb(clock)
    assert taken(climb, clock, [1]) == 1
    assert taken(climb, clock, [0, 2]) == 2
    assert taken(climb, clock, [0]) == 0, "nothing lower is left"


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 4), unique=True).map(sorted), st.integers(0, 5), st.floats(0, 3)
        ),
        max_size=60,
    )
)
def test_whatever_comes_only_a_step_that_fits_is_taken(
    pairs: list[tuple[list[int], int, float]],
) -> None:
    clock = Clock()
    climb = Climb(clock)
    before: int | None = 0
    for fitting, sure, seconds in pairs:
        surely = fitting[-sure:] if sure else []
        step = climb.take(fitting, surely, hold=1.0)
        if step is None:
            assert not fitting or (before is None and not surely)
        else:
            assert step in fitting
        before = step
        clock.now += seconds
