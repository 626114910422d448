"""Predicted times of the steps of a ladder, worked by hand."""

from __future__ import annotations

import math

import pytest

from apanet_core.streaming.step_times import StepTimes

SMALL, LARGE = (100, 200), (200, 400)


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_is_known_before_a_measurement(clock: Clock) -> None:
    times = StepTimes(clock)
    assert times.predict(0, SMALL) is None
    assert not times.is_warm(0, SMALL)
    assert times.latest(SMALL) == -math.inf


def test_a_step_in_use_is_judged_by_the_95th_percentile_of_its_last_twenty(clock: Clock) -> None:
    times = StepTimes(clock)
    times.measure(0, SMALL, 0.5)
    assert times.predict(0, SMALL) == 0.5
    for milliseconds in (900, *range(1, 21)):
        times.record(0, SMALL, milliseconds / 1000)
    assert times.predict(0, SMALL) == pytest.approx(0.019)


def test_a_measurement_begins_anew(clock: Clock) -> None:
    times = StepTimes(clock)
    times.measure(0, SMALL, 0.1)
    times.record(0, SMALL, 5.0)
    times.measure(0, SMALL, 0.05)
    assert times.predict(0, SMALL) == 0.05


def test_a_slow_spell_at_one_step_is_expected_at_the_others_and_passes_there_too(
    clock: Clock,
) -> None:
    times = StepTimes(clock)
    times.measure(0, SMALL, 0.4)
    times.measure(1, SMALL, 0.1)
    clock.now += 10
    times.record(1, SMALL, 0.3)
    assert times.predict(0, SMALL) == pytest.approx(1.2)
    for _ in range(20):
        times.record(1, SMALL, 0.1)
    assert times.predict(0, SMALL) == pytest.approx(0.4)


def test_what_a_step_took_itself_counts_while_it_is_fresh(clock: Clock) -> None:
    times = StepTimes(clock)
    times.measure(0, SMALL, 0.1)
    times.measure(1, SMALL, 0.05)
    clock.now += 10
    times.record(0, SMALL, 0.9)
    clock.now += 1
    times.record(1, SMALL, 0.05)
    assert times.predict(0, SMALL) == pytest.approx(0.9)
    clock.now += 4
    times.record(1, SMALL, 0.05)
    assert times.predict(0, SMALL) == pytest.approx(0.1)


def test_at_a_new_size_time_grows_with_the_pixels_or_as_another_step_did(clock: Clock) -> None:
    times = StepTimes(clock)
    times.measure(0, SMALL, 0.1)
    times.measure(1, SMALL, 0.02)
    assert times.predict(0, LARGE) == pytest.approx(0.4)
    assert not times.is_warm(0, LARGE)
    times.measure(1, LARGE, 0.1)
    assert times.predict(0, LARGE) == pytest.approx(0.5)


def test_a_step_can_be_taken_for_cold_again(clock: Clock) -> None:
    times = StepTimes(clock)
    times.measure(0, SMALL, 0.1)
    times.forget(0, SMALL)
    assert not times.is_warm(0, SMALL)
    times.forget(3, LARGE)


def test_of_many_sizes_only_the_latest_are_kept(clock: Clock) -> None:
    times = StepTimes(clock)
    for height in range(1, 100):
        times.measure(0, (height, 10), 0.1)
    assert times.is_warm(0, (99, 10))
    assert sum(times.is_warm(0, (height, 10)) for height in range(1, 100)) == 8
