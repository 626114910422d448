"""The dry-weather gate, with a clock turned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apanet_core.streaming.rain_gate import GateOptions, RainGate


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def seconds_until_change(gate: RainGate, clock: Clock, level: float, patience: float = 60) -> float:
    start = clock.now
    while clock.now - start < patience:
        if gate.look(level):
            return clock.now - start
        clock.now += 0.25
    raise AssertionError("it never changed")


def test_without_the_gate_it_counts_as_raining(clock: Clock) -> None:
    gate = RainGate(GateOptions(on=False), clock)
    assert not gate.closed()
    assert not gate.look_is_due()


def test_it_closes_when_dry_for_the_hold_time_and_opens_again_in_rain(clock: Clock) -> None:
    gate = RainGate(GateOptions(on=True, dry_level=2.0, hold=3.0), clock)
    assert not gate.closed()
    assert seconds_until_change(gate, clock, 1.0) == 3.0
    assert gate.closed()
    assert 3.0 < seconds_until_change(gate, clock, 10.0) < 4.0
    assert not gate.closed()


def test_between_the_two_levels_nothing_changes(clock: Clock) -> None:
    for first in (1.0, 10.0):
        gate = RainGate(GateOptions(on=True, dry_level=2.0, hold=1.0), clock)
        gate.look(first)
        clock.now += 10
        gate.look(first)
        raining = gate.raining
        with pytest.raises(AssertionError, match="never"):
            seconds_until_change(gate, clock, 3.0)
        assert gate.raining is raining


def test_single_looks_do_not_change_it(clock: Clock) -> None:
    gate = RainGate(GateOptions(on=True, dry_level=2.0, hold=1.0), clock)
    for number in range(200):
        assert not gate.look(0.0 if number % 10 == 0 else 8.0)
        clock.now += 0.25


def test_looks_are_five_a_second_at_most(clock: Clock) -> None:
    gate = RainGate(GateOptions(on=True), clock)
    assert gate.look_is_due()
    gate.look(1.0)
    assert not gate.look_is_due()
    clock.now += 0.21
    assert gate.look_is_due()


def test_switched_off_it_forgets_what_it_saw(clock: Clock) -> None:
    gate = RainGate(GateOptions(on=True, hold=0.0), clock)
    gate.look(0.0)
    assert gate.closed()
    gate.options = replace(gate.options, on=False)
    assert not gate.closed()
    gate.options = replace(gate.options, on=True)
    assert not gate.closed()
    assert gate.level is None
