import itertools

import pytest

from apanet_core.errors import ConfigError
from apanet_ros.bags.gaps import Gap
from apanet_ros.bags.replay_timing import (
    ClockTick,
    Due,
    Pacer,
    loop_pause_s,
    passes,
    with_clock_ticks,
    with_gaps,
)

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


class Wall:
    """A wall clock that moves only when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 50.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_pacer_holds_each_moment_back_until_it_is_due():
    wall = Wall()
    pacer = Pacer(1.0, wall.clock, wall.sleep)
    pacer.start(START)
    due = []
    for offset in (0, SECOND // 10, SECOND):
        pacer.wait_until(START + offset)
        due.append(wall.now - 50.0)
    assert due == pytest.approx([0.0, 0.1, 1.0])
    assert pacer.worst_lateness_s == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("rate", "expected"), [(0.5, 4.0), (1.0, 2.0), (4.0, 0.5)])
def test_rate_scales_time(rate, expected):
    wall = Wall()
    pacer = Pacer(rate, wall.clock, wall.sleep)
    pacer.start(START)
    pacer.wait_until(START + 2 * SECOND)
    assert wall.now - 50.0 == pytest.approx(expected)


def test_pacer_does_not_wait_when_late_and_catches_up():
    wall = Wall()
    pacer = Pacer(1.0, wall.clock, wall.sleep)
    pacer.start(START)
    wall.now += 0.7
    pacer.wait_until(START + SECOND // 2)
    assert wall.slept == []
    assert pacer.worst_lateness_s == pytest.approx(0.2)
    pacer.wait_until(START + SECOND)
    assert wall.slept == pytest.approx([0.3])


def test_pacer_sleeps_again_when_sleep_returns_early():
    wall = Wall()
    pacer = Pacer(1.0, wall.clock, lambda seconds: wall.sleep(seconds / 2 + 1e-3))
    pacer.start(START)
    pacer.wait_until(START + SECOND)
    assert wall.now - 50.0 >= 1.0
    assert len(wall.slept) > 1


def test_a_second_pass_starts_after_the_pause_and_runs_like_the_first():
    wall = Wall()
    pacer = Pacer(1.0, wall.clock, wall.sleep)
    pacer.start(START)
    pacer.wait_until(START + SECOND)
    pacer.start(START, after_s=0.25)
    pacer.wait_until(START)
    assert wall.now - 50.0 == pytest.approx(1.25)


def test_what_was_held_back_is_due_now_and_not_late():
    wall = Wall()
    pacer = Pacer(1.0, wall.clock, wall.sleep)
    pacer.start(START)
    wall.now += 5.0
    pacer.forgive(START + SECOND)
    pacer.wait_until(START + SECOND)
    assert wall.slept == []
    assert pacer.worst_lateness_s == 0.0
    pacer.wait_until(START + 2 * SECOND)
    assert wall.slept == pytest.approx([1.0]), "time goes on from there at the same rate"


def test_what_is_not_overdue_needs_no_forgiving():
    wall = Wall()
    pacer = Pacer(1.0, wall.clock, wall.sleep)
    pacer.start(START)
    wall.now += 0.25
    pacer.forgive(START + SECOND)
    pacer.wait_until(START + SECOND)
    assert wall.slept == pytest.approx([0.75])


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_that_is_not_positive_is_refused(rate):
    with pytest.raises(ConfigError, match="The rate must be positive, got"):
        Pacer(rate, Wall().clock, Wall().sleep)


def test_clock_ticks_stand_between_messages_and_before_equal_times():
    messages = [Due(START, "a"), Due(START + 25, "b"), Due(START + 30, "c")]
    timeline = [
        (due.time_ns - START, due.item if isinstance(due.item, str) else "tick")
        for due in with_clock_ticks(messages, 10)
    ]
    assert timeline == [
        (0, "tick"),
        (0, "a"),
        (10, "tick"),
        (20, "tick"),
        (25, "b"),
        (30, "tick"),
        (30, "c"),
    ]


def test_without_a_clock_there_are_only_messages():
    messages = [Due(START, "a"), Due(START + 25, "b")]
    assert list(with_clock_ticks(messages, None)) == messages
    assert not any(isinstance(due.item, ClockTick) for due in with_clock_ticks(messages, None))


def test_loops_are_one_usual_gap_apart():
    # 11 messages at 10 Hz span one second.
    assert loop_pause_s(SECOND, 11, rate=1.0) == pytest.approx(0.1)
    assert loop_pause_s(SECOND, 11, rate=2.0) == pytest.approx(0.05)


def test_a_bag_of_one_moment_is_repeated_every_second():
    assert loop_pause_s(0, 1, rate=1.0) == 1.0


def test_passes_are_one_or_endless():
    assert list(passes(loop=False)) == [0]
    assert list(itertools.islice(passes(loop=True), 1000))[-1] == 999


def test_gaps_stand_where_they_begin() -> None:
    messages = [Due(0, "a"), Due(60 * SECOND, "b"), Due(START, "c")]
    gap = Due(60 * SECOND, Gap(60 * SECOND, START))
    assert list(with_gaps(messages, 0)) == [*messages[:2], gap, messages[2]]
    assert list(with_gaps(messages[2:], 0)) == [Due(0, Gap(0, START)), messages[2]]


def test_a_skipped_gap_has_no_clock_ticks() -> None:
    messages = [Due(0, "a"), Due(0, Gap(0, START)), Due(START, "b")]
    ticked = list(with_clock_ticks(messages, SECOND, skip_gaps=True))
    assert [due.time_ns for due in ticked if isinstance(due.item, ClockTick)] == [0, START]


def test_a_gap_that_is_waited_for_has_clock_ticks() -> None:
    messages = [Due(0, "a"), Due(0, Gap(0, 90 * SECOND)), Due(90 * SECOND, "b")]
    ticked = list(with_clock_ticks(messages, SECOND))
    assert sum(isinstance(due.item, ClockTick) for due in ticked) == 91


def test_no_single_sleep_is_longer_than_python_can_sleep() -> None:
    wall = Wall()
    pacer = Pacer(1.0, wall.clock, wall.sleep)
    pacer.start(0)
    pacer.wait_until(24 * 3600 * SECOND)
    assert max(wall.slept) <= 3600
    assert wall.now - 50.0 == pytest.approx(24 * 3600)
