"""The judgement on a run, on runs made up so that one promise each is broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apanet_core.streaming.statistics import Stage
from apanet_ros.load.measurement import LoadMeasurement, promises

ADDS_UP = "counters add up"
IN_TIME = "age within budget and one inference"
AGE = "age does not grow"
MEMORY = "memory does not grow"
THREADS = "no thread is left"
BEST = "every pair at the best operating point"


def pair(age: float) -> dict[Stage, float]:
    return {
        Stage.WAIT: 0.001,
        Stage.READ: 0.002,
        Stage.ARRIVAL: 0.010,
        Stage.INFER: 0.050,
        Stage.AGE: age,
    }


def counters(**changes: int) -> dict[str, int]:
    images = {"received": 12, "paired": 9, "unpaired": 2, "stamp_jump": 0, "waiting": 1}
    counts = {f"{side}_{way}": n for side in ("left", "right") for way, n in images.items()}
    outcomes = dict.fromkeys(
        (
            "passed_over_budget",
            "passed_no_memory",
            "passed_dry",
            "passed_disabled",
            "unwanted",
            "late",
            "rejected",
            "failed",
            "in_flight",
        ),
        0,
    )
    return counts | outcomes | {"paired": 9, "derained": 6, "replaced": 3} | changes


RUN = LoadMeasurement(
    rate=20.0,
    sent=12,
    seconds=1.0,
    budget=0.1,
    step_times=(0.05, 0.02),
    times=[pair(0.08)] * 9,
    delivered=[0.09] * 9,
    counters=counters(),
    derained_at=[4, 2],
    memory_mb=[90.0, 100.0, 100.0, 100.0, 100.0, 101.0, 100.0, 100.0],
    threads=(10, 10),
)


def broken(**changes: object) -> list[str]:
    return [each.name for each in promises(replace(RUN, **changes)) if not each.kept]


def test_a_good_run_keeps_every_promise() -> None:
    assert [promise.name for promise in promises(RUN)] == [ADDS_UP, IN_TIME, AGE, MEMORY, THREADS]
    assert broken() == []


@pytest.mark.parametrize("name", ["left_received", "right_waiting", "paired", "derained"])
def test_a_pair_or_image_that_is_not_accounted_for_is_seen(name: str) -> None:
    assert broken(counters=counters(**{name: 99})) == [ADDS_UP]


def test_one_inference_at_the_lowest_operating_point_is_allowed_beyond_the_budget() -> None:
    assert broken(times=[pair(0.119)] * 9) == []
    assert broken(times=[pair(0.121)] * 9) == [IN_TIME]
    assert broken(times=[pair(0.121)] * 9, budget=0.0) == [], "no limit, no promise"


def test_ages_that_pile_up_are_seen() -> None:
    assert broken(times=[pair(0.01 * number) for number in range(1, 10)]) == [AGE]


def test_memory_that_grows_is_seen_and_filling_up_at_first_is_not() -> None:
    assert broken(memory_mb=[10.0 * number for number in range(1, 9)]) == [MEMORY]
    assert broken(memory_mb=[10.0, 20.0, *[90.0] * 6]) == []


def test_a_thread_that_is_left_is_seen() -> None:
    assert broken(threads=(10, 11)) == [THREADS]


def test_with_time_for_it_every_pair_must_be_at_the_best_operating_point() -> None:
    assert broken(rate=2.0, derained_at=[9, 0]) == []
    assert broken(rate=2.0) == [BEST]


def test_overhead_and_transport_leave_out_what_belongs_to_others() -> None:
    assert RUN.overheads[0] == pytest.approx(0.03)
    assert RUN.transports[0] == pytest.approx(0.007)
    passed = {Stage.AGE: 0.5}
    assert replace(RUN, times=[passed]).overheads == []
    assert replace(RUN, times=[passed]).transports == []
