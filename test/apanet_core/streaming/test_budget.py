"""The latency budget, with a clock turned by hand."""

from __future__ import annotations

import pytest

from apanet_core.streaming.budget import LatencyBudget, Verdict


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_no_budget_derains_everything(clock: Clock) -> None:
    budget = LatencyBudget(0.0, clock)
    budget.renew(30.0)
    assert budget.judge(age=1e9) is Verdict.DERAIN


def test_age_and_predicted_time_together_must_fit(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    budget.renew(0.060)
    assert budget.judge(age=0.039) is Verdict.DERAIN
    assert budget.judge(age=0.041) is Verdict.OVER_BUDGET


def test_a_stamp_from_the_future_buys_no_time(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    budget.renew(0.150)
    assert budget.judge(age=-5.0) is Verdict.OVER_BUDGET


def test_prediction_is_the_95th_percentile_of_the_last_twenty(clock: Clock) -> None:
    budget = LatencyBudget(1.0, clock)
    assert budget.predicted == 0.0
    for milliseconds in (900, *range(1, 21)):
        budget.record(milliseconds / 1000)
    assert budget.predicted == pytest.approx(0.019)


def test_renewing_forgets_the_slow_first_frames(clock: Clock) -> None:
    budget = LatencyBudget(0.1, clock)
    budget.record(5.0)
    budget.renew(0.05)
    assert budget.predicted == 0.05


def test_after_a_second_without_deraining_a_probe_is_due(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    budget.record(0.150)
    clock.now += 0.99
    assert budget.judge(age=0.0) is Verdict.OVER_BUDGET
    clock.now += 0.02
    assert budget.judge(age=0.0) is Verdict.PROBE


def test_a_fast_probe_brings_deraining_back(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    for _ in range(20):
        budget.record(0.150)
    clock.now += 1.1
    assert budget.judge(age=0.010) is Verdict.PROBE
    budget.renew(0.050)
    assert budget.judge(age=0.010) is Verdict.DERAIN


def test_slow_probes_take_a_sixth_of_the_time_at_most(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    budget.renew(2.0)
    clock.now += 9.9
    assert budget.judge(age=0.0) is Verdict.OVER_BUDGET
    clock.now += 0.2
    assert budget.judge(age=0.0) is Verdict.PROBE


def test_a_pair_that_is_too_old_by_itself_asks_for_no_probe(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    budget.renew(0.001)
    clock.now += 60.0
    assert budget.judge(age=0.2) is Verdict.OVER_BUDGET


def test_the_budget_can_change_at_any_time(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    budget.renew(0.150)
    assert budget.judge(age=0.0) is Verdict.OVER_BUDGET
    budget.budget = 0.200
    assert budget.judge(age=0.0) is Verdict.DERAIN
    budget.budget = 0.0
    assert budget.judge(age=1e9) is Verdict.DERAIN


def test_exceeded_by_is_the_promise_itself(clock: Clock) -> None:
    budget = LatencyBudget(0.100, clock)
    assert not budget.exceeded_by(0.100)
    assert budget.exceeded_by(0.101)
    budget.budget = 0.0
    assert not budget.exceeded_by(1e9)
