"""The choice of an operating point, with a clock turned by hand and a machine of known speed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apanet_core.streaming.ladder import Choice, Ladder, LadderOptions

SIZE = (376, 1248)
RAW = Choice(None)


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ladder(clock: Clock, *seconds: float, **options: float) -> Ladder:
    """Steps that were measured to take these times."""
    made = Ladder(len(seconds), LadderOptions(**options), clock)  # type: ignore[arg-type]
    for step, time in enumerate(seconds):
        made.measure(step, SIZE, time)
    return made


class Machine:
    """Runs what a ladder chooses, `slowness` times slower than measured, at ten pairs a second."""

    def __init__(self, ladder: Ladder, clock: Clock, *seconds: float) -> None:
        self._ladder = ladder
        self._clock = clock
        self._seconds = seconds
        self.slowness = 1.0

    def run(self, pairs: int, age: float = 0.0) -> list[Choice]:
        return [self._take(age) for _ in range(pairs)]

    def _take(self, age: float) -> Choice:
        choice = self._ladder.choose(age, SIZE)
        if choice.step is not None:
            self._ladder.record(choice.step, SIZE, self._time(choice.step))
        if choice.aside is not None:
            self._ladder.measure(choice.aside, SIZE, self._time(choice.aside))
        self._clock.now += 0.125
        return choice

    def _time(self, step: int) -> float:
        return self.slowness * self._seconds[step]


def test_no_budget_takes_the_best_step_always(clock: Clock) -> None:
    steps = ladder(clock, 30.0, 1.0)
    assert steps.choose(1e9, SIZE).step == 0
    unknown = Ladder(2, LadderOptions(), clock)
    assert unknown.choose(0.0, SIZE).step == 0
    assert Ladder(2, LadderOptions(10.0), clock).choose(0.0, SIZE) == Choice(None, aside=1)


@pytest.mark.parametrize(("age", "step"), [(0.0, 0), (0.041, 1), (0.071, 2), (0.091, None)])
def test_the_best_step_that_fits_the_rest_of_the_budget_is_taken(
    clock: Clock, age: float, step: int | None
) -> None:
    steps = ladder(clock, 0.06, 0.03, 0.01, budget=0.1)
    assert steps.choose(age, SIZE).step == step
    assert steps.current == step


def test_a_stamp_from_the_future_buys_no_time(clock: Clock) -> None:
    assert ladder(clock, 0.15, budget=0.1).choose(-5.0, SIZE) == RAW


def test_limits_narrow_the_ladder_at_any_time(clock: Clock) -> None:
    steps = ladder(clock, 0.06, 0.03, 0.01, budget=1.0)
    assert steps.choose(0.0, SIZE).step == 0
    steps.options = replace(steps.options, best=1)
    assert steps.choose(0.0, SIZE).step == 1
    steps.options = replace(steps.options, best=0, worst=0, budget=0.05)
    assert steps.choose(0.0, SIZE).step is None


def test_under_load_quality_falls_at_once_and_comes_back_when_the_load_is_gone(
    clock: Clock,
) -> None:
    times = (0.06, 0.03, 0.01)
    steps = ladder(clock, *times, budget=0.1, hold=1.0)
    machine = Machine(steps, clock, *times)
    assert {choice.step for choice in machine.run(20)} == {0}
    machine.slowness = 3.0
    assert [choice.step for choice in machine.run(20)][:4] == [0, 0, 1, 1]
    machine.slowness = 1.0
    choices = [choice.step for choice in machine.run(200)]
    assert choices[-1] == 0
    assert sum(a != b for a, b in pairwise(choices)) == 1, "no flapping"


def test_after_a_slow_spell_a_probe_brings_deraining_back(clock: Clock) -> None:
    steps = ladder(clock, 0.05, budget=0.1)
    machine = Machine(steps, clock, 0.05)
    machine.slowness = 10.0
    machine.run(2)
    machine.slowness = 1.0
    choices = machine.run(40)
    raw = [choice for choice in choices if choice.step is None]
    assert [choice.aside for choice in raw if choice.aside is not None] == [0], "one probe"
    assert choices[-1].step == 0
    assert len(raw) == pytest.approx(2.5 / 0.125, abs=2), "five predicted times"


def test_a_pair_that_is_too_old_by_itself_asks_for_no_probe(clock: Clock) -> None:
    steps = ladder(clock, 0.05, budget=0.1)
    clock.now += 100
    assert steps.choose(0.2, SIZE) == RAW
    assert steps.choose(0.09, SIZE) == Choice(None, aside=0)


def test_at_a_new_size_a_step_is_taken_if_its_warm_up_fits_too(clock: Clock) -> None:
    steps = ladder(clock, 0.08, 0.02, budget=0.1)
    quarter = (188, 624)
    assert steps.choose(0.0, quarter).step == 0, "an estimated 20 ms, three times"
    assert not steps.is_warm(0, quarter)
    double = (752, 1248)
    steps.choose(0.0, SIZE)
    assert steps.choose(0.0, double) == RAW, "it may be but one picture"
    clock.now += 1.1
    assert steps.choose(0.0, double) == Choice(None, aside=1), "160 ms and 40 ms, three times"
    steps.measure(1, double, 0.01)
    assert steps.choose(0.0, double) == Choice(1, aside=0), "so the other should take 40 ms"
    steps.measure(0, double, 0.095)
    assert steps.choose(0.0, double) == Choice(1)
    clock.now += 1.1
    steps.record(1, double, 0.01)
    assert steps.choose(0.0, double).step == 1, "95 ms fit, but without the margin"


def test_at_a_size_that_is_far_too_large_nothing_is_tried(clock: Clock) -> None:
    steps = ladder(clock, 0.05, budget=0.1)
    assert steps.choose(0.0, (3760, 12480)) == RAW


def test_one_picture_of_another_size_is_not_tried_however_often_it_comes(clock: Clock) -> None:
    steps = ladder(clock, 0.05, budget=0.1)
    large = (2 * SIZE[0], SIZE[1])
    for _ in range(5):
        assert steps.choose(0.0, SIZE).step == 0
        steps.record(0, SIZE, 0.05)
        clock.now += 1.0
        assert steps.choose(0.0, large) == RAW
        clock.now += 1.0


def test_a_step_that_finds_no_memory_rests_ever_longer(clock: Clock) -> None:
    steps = ladder(clock, 0.05, 0.02, hold=0.0)
    for rest in (5, 10, 20):
        assert steps.choose(0.0, SIZE).step == 0
        steps.rest(0, SIZE)
        assert steps.choose(0.0, SIZE).step == 1
        clock.now += rest - 0.1
        steps.record(1, SIZE, 0.02)
        assert steps.choose(0.0, SIZE).step == 1
        clock.now += 0.2
        steps.measure(0, SIZE, 0.05)
    assert steps.choose(0.0, SIZE).step == 0
    steps.record(0, SIZE, 0.05)
    steps.rest(0, SIZE)
    clock.now += 5.1
    steps.measure(0, SIZE, 0.05)
    assert steps.choose(0.0, SIZE).step == 0, "what it found lately counts, not what it lacked once"


def test_when_every_step_rests_pairs_go_out_as_they_are(clock: Clock) -> None:
    steps = ladder(clock, 0.05)
    steps.rest(0, SIZE)
    assert steps.choose(0.0, SIZE) == Choice(None, resting=True)


@given(
    times=st.lists(st.floats(0.001, 0.2), min_size=1, max_size=4),
    budget=st.floats(0.01, 0.3),
    pairs=st.lists(st.tuples(st.floats(-0.1, 0.5), st.floats(0.1, 20)), max_size=60),
)
def test_a_step_is_taken_only_if_its_prediction_fits(
    times: list[float], budget: float, pairs: list[tuple[float, float]]
) -> None:
    clock = Clock()
    steps = ladder(clock, *times, budget=budget)
    machine = Machine(steps, clock, *times)
    for age, slowness in pairs:
        machine.slowness = slowness
        (choice,) = machine.run(1, age)
        if choice.step is not None:
            predicted = steps.predicted[choice.step]
            assert predicted is not None
            assert max(age, 0.0) + predicted <= budget
