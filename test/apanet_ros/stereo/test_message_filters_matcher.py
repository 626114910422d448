"""The real message_filters behind our matcher's interface, and what would stop it on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rclpy")
pytest.importorskip("message_filters")

from apanet_core.streaming.pairing import Side
from apanet_ros.stereo.message_filters_matcher import MessageFiltersMatcher

LEFT, RIGHT = Side.LEFT, Side.RIGHT
MILLISECOND = 1_000_000
Arrival = tuple[Side, int]


def make(policy: str = "approximate", slop: int = 5, queue_size: int = 10) -> Any:
    return MessageFiltersMatcher[int](policy, slop * MILLISECOND, queue_size, lambda _: None)


def feed(matcher: Any, arrivals: Sequence[Arrival]) -> list[tuple[int, int]]:
    """Add frames that carry their own stamp in milliseconds; return those of the pairs."""
    pairs = []
    for side, stamp in arrivals:
        made = matcher.add(side, stamp * MILLISECOND, stamp)
        pairs += [(pair.left, pair.right) for pair in made]
    return pairs


def assert_counts_add_up(matcher: Any) -> None:
    for side in Side:
        count = matcher.counts(side)
        assert min(vars(count).values()) >= 0
        left = count.paired + count.unpaired + count.stamp_jump + count.waiting
        assert count.received == left, f"{side}: {count}"


@pytest.mark.parametrize("policy", ["exact", "approximate"])
def test_equal_stamps_pair_at_once(policy: str) -> None:
    matcher = make(policy)
    assert feed(matcher, [(LEFT, 100), (RIGHT, 100), (RIGHT, 200), (LEFT, 200)]) == [
        (100, 100),
        (200, 200),
    ]
    assert matcher.counts(LEFT).paired == 2


def test_exact_refuses_what_approximate_pairs() -> None:
    arrivals = [(LEFT, 100), (RIGHT, 105), (LEFT, 200), (RIGHT, 194)]
    assert feed(make("exact"), arrivals) == []
    assert feed(make("approximate"), arrivals) == [(100, 105)]


def test_slop_zero_pairs_equal_stamps() -> None:
    matcher = make(slop=0)
    assert feed(matcher, [(LEFT, 100), (RIGHT, 100)]) == [(100, 100)]
    assert feed(matcher, [(LEFT, 200), (RIGHT, 201)]) == []
    assert matcher.waiting_skew() == MILLISECOND


def test_on_its_own_the_library_does_not_survive_stamps_that_run_backwards() -> None:
    """The reason for the matcher; when the library has learnt it, this test says so."""
    matcher = make()
    matcher._forget_the_past = lambda *_, **__: None
    feed(matcher, [(LEFT, 100_000 + 33 * n) for n in range(10)])
    loop = [(side, 33 * n) for n in range(30) for side in Side]
    assert feed(matcher, loop) == []


@pytest.mark.parametrize("policy", ["exact", "approximate"])
def test_a_bag_that_loops_goes_on_at_once(policy: str) -> None:
    matcher = make(policy)
    feed(matcher, [(LEFT, 100_000 + 33 * n) for n in range(10)])
    loop = [(side, 33 * n) for n in range(30) for side in Side]
    assert feed(matcher, loop) == [(33 * n, 33 * n) for n in range(30)]
    assert matcher.counts(LEFT).stamp_jump == 10
    assert matcher.jumps == 1
    assert_counts_add_up(matcher)


def test_when_the_other_camera_jumps_later_its_partner_still_waits() -> None:
    matcher = make()
    feed(matcher, [(LEFT, 5000), (RIGHT, 5000), (LEFT, 5033)])
    assert feed(matcher, [(LEFT, 0), (RIGHT, 0)]) == [(0, 0)]
    assert matcher.jumps == 2
    assert_counts_add_up(matcher)


@pytest.mark.parametrize("policy", ["exact", "approximate"])
def test_what_the_library_raises_at_does_not_stop_it(policy: str) -> None:
    warned: list[str] = []
    matcher = MessageFiltersMatcher[int](policy, 0, 10, warned.append)
    assert matcher.add(LEFT, -5, 0) == []
    assert "message_filters failed and begins anew" in warned[0]
    assert matcher.add(LEFT, 2**80, 0) == []
    matcher.forget_waiting()
    assert feed(matcher, [(LEFT, 100), (RIGHT, 100)]) == [(100, 100)]
    assert_counts_add_up(matcher)


def test_limits_change_and_what_waits_is_let_go() -> None:
    matcher = make(slop=1)
    assert feed(matcher, [(LEFT, 100), (RIGHT, 103)]) == []
    matcher.configure(1 * MILLISECOND, 10)
    assert matcher.counts(LEFT).waiting == 1
    matcher.configure(3 * MILLISECOND, 10)
    assert matcher.counts(LEFT).unpaired == 1
    assert feed(matcher, [(LEFT, 200), (RIGHT, 203)]) == [(200, 203)]


def test_a_full_queue_lets_the_oldest_go() -> None:
    matcher = make(queue_size=3)
    feed(matcher, [(LEFT, 10 * n) for n in range(5)])
    assert (matcher.counts(LEFT).waiting, matcher.counts(LEFT).unpaired) == (3, 2)
    matcher.reset_counts()
    assert (matcher.counts(LEFT).received, matcher.counts(LEFT).unpaired) == (3, 0)
    matcher.forget_waiting()
    assert (matcher.counts(LEFT).waiting, matcher.counts(LEFT).unpaired) == (0, 3)


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(["exact", "approximate"]),
    arrivals=st.lists(st.tuples(st.sampled_from(Side), st.integers(-10, 200)), max_size=80),
)
def test_any_stream_adds_up_and_pairing_goes_on_after_it(
    policy: str, arrivals: list[Arrival]
) -> None:
    matcher = make(policy, slop=3, queue_size=4)
    feed(matcher, arrivals)
    assert_counts_add_up(matcher)
    after = [(side, stamp) for stamp in (1000, 1033) for side in Side]
    assert feed(matcher, after) == [(1000, 1000), (1033, 1033)]
    assert_counts_add_up(matcher)
