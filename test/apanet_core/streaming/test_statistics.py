"""Counters that add up and percentiles worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apanet_core.streaming.statistics import (
    Outcome,
    PairTimes,
    Stage,
    StageTimes,
    StreamStatistics,
    percentile,
)


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert [percentile(values, fraction) for fraction in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([], 0.5) == 0.0


@given(st.lists(st.one_of(st.none(), st.sampled_from(Outcome)), max_size=50))
def test_what_entered_is_what_left_and_what_is_in_flight(events: list[Outcome | None]) -> None:
    """None lets a pair in; an outcome lets one out, if there is one."""
    statistics = StreamStatistics()
    for event in events:
        if event is None:
            statistics.enter()
        elif statistics.snapshot().in_flight:
            statistics.leave(event)
        now = statistics.snapshot()
        assert now.entered == now.in_flight + sum(now.outcomes.values())
    assert statistics.snapshot().entered == events.count(None)


def test_a_stage_is_timed_by_the_injected_clock() -> None:
    ticks = iter([10.0, 10.25])
    times = PairTimes(clock=lambda: next(ticks))
    with times.timed(Stage.INFER):
        pass
    statistics = StreamStatistics()
    statistics.record(times)
    kept = statistics.snapshot().times
    assert kept[Stage.INFER] == StageTimes(0.25, 0.25, 0.25)
    assert kept[Stage.WAIT] == StageTimes(0.0, 0.0, 0.0)


def test_a_stage_that_raises_has_no_time() -> None:
    times = PairTimes(clock=lambda: 0.0)
    with pytest.raises(RuntimeError, match="model"), times.timed(Stage.INFER):
        raise RuntimeError("model")
    assert times == {}


def test_after_a_reset_only_what_is_in_flight_counts() -> None:
    statistics = StreamStatistics()
    for _ in range(3):
        statistics.enter()
    statistics.leave(Outcome.DERAINED)
    statistics.note("probe")
    statistics.record({Stage.AGE: 1.0})
    statistics.reset()
    now = statistics.snapshot()
    assert (now.entered, now.in_flight, sum(now.outcomes.values()), now.notes) == (2, 2, 0, {})
    assert now.times[Stage.AGE].p99 == 0.0


def test_only_the_last_500_times_are_kept() -> None:
    statistics = StreamStatistics()
    for seconds in [9.0] * 400 + [1.0] * 500:
        statistics.record({Stage.AGE: seconds})
    assert statistics.snapshot().times[Stage.AGE] == StageTimes(1.0, 1.0, 1.0)


def test_notes_count_beside_the_sum() -> None:
    statistics = StreamStatistics()
    statistics.note("probe")
    statistics.note("probe")
    assert statistics.snapshot().notes == {"probe": 2}
    assert statistics.snapshot().entered == 0
