"""Pairing by stamp: worked examples, then properties of any stream."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apanet_core.streaming.pairing import MatchedPair, PairMatcher, Side

LEFT, RIGHT = Side.LEFT, Side.RIGHT
Arrival = tuple[Side, int]


def feed(matcher: PairMatcher[int], arrivals: Sequence[Arrival]) -> list[tuple[int, int]]:
    """Add frames that carry their own stamp; return the stamps of the pairs."""
    pairs = []
    for side, stamp in arrivals:
        pairs += [(pair.left, pair.right) for pair in matcher.add(side, stamp, stamp)]
    return pairs


def assert_counts_add_up(matcher: PairMatcher[int]) -> None:
    for side in Side:
        count = matcher.counts(side)
        left = count.paired + count.unpaired + count.stamp_jump + count.waiting
        assert count.received == left, f"{side}: {count}"


@pytest.mark.parametrize("slop", [0, 10])
def test_equal_stamps_pair_at_once_in_either_order(slop: int) -> None:
    matcher = PairMatcher[int](slop, 5)
    assert feed(matcher, [(LEFT, 100), (RIGHT, 100)]) == [(100, 100)]
    assert feed(matcher, [(RIGHT, 200), (LEFT, 200)]) == [(200, 200)]


def test_slop_zero_refuses_a_nanosecond() -> None:
    assert feed(PairMatcher[int](0, 5), [(LEFT, 100), (RIGHT, 101), (LEFT, 200)]) == []


def test_skew_within_the_slop_pairs_and_beyond_it_does_not() -> None:
    arrivals = [(LEFT, 0), (RIGHT, 7), (LEFT, 100), (RIGHT, 107), (LEFT, 200)]
    assert feed(PairMatcher[int](7, 5), arrivals) == [(0, 7), (100, 107)]
    assert feed(PairMatcher[int](6, 5), arrivals) == []


def test_skew_is_right_minus_left() -> None:
    matcher = PairMatcher[int](10, 5)
    feed(matcher, [(LEFT, 0), (LEFT, 100)])
    assert [pair.skew for pair in matcher.add(RIGHT, 97, 97)] == []
    assert [pair.skew for pair in matcher.add(RIGHT, 197, 197)] == [-3]


def test_a_constant_offset_costs_no_waiting_once_the_interval_is_known() -> None:
    matcher = PairMatcher[int](10, 5)
    feed(matcher, [(LEFT, 0), (RIGHT, 5), (LEFT, 33), (RIGHT, 38)])
    assert feed(matcher, [(LEFT, 66)]) == []
    assert feed(matcher, [(RIGHT, 71)]) == [(66, 71)]


def test_waits_for_a_nearer_partner_that_may_still_come() -> None:
    matcher = PairMatcher[int](30, 5)
    feed(matcher, [(LEFT, 0), (RIGHT, 0), (LEFT, 33), (RIGHT, 33)])
    assert feed(matcher, [(LEFT, 66), (RIGHT, 95)]) == []
    assert feed(matcher, [(LEFT, 99)]) == [(99, 95)]
    assert matcher.counts(LEFT).unpaired == 1


def test_a_full_queue_lets_the_oldest_go_unpaired() -> None:
    matcher = PairMatcher[int](0, 2)
    assert feed(matcher, [(LEFT, 1), (LEFT, 2), (LEFT, 3), (RIGHT, 1), (RIGHT, 2)]) == [(2, 2)]
    assert (matcher.counts(LEFT).unpaired, matcher.counts(RIGHT).unpaired) == (1, 1)
    assert_counts_add_up(matcher)


def test_frozen_stamps_pair_in_order_of_arrival() -> None:
    matcher = PairMatcher[str](10, 5)
    pairs = [pair for name in "abc" for pair in add_both(matcher, 5, name)]
    assert [(pair.left, pair.right) for pair in pairs] == [("a", "A"), ("b", "B"), ("c", "C")]


def add_both(matcher: PairMatcher[str], stamp: int, name: str) -> list[MatchedPair[str]]:
    return matcher.add(LEFT, stamp, name) + matcher.add(RIGHT, stamp, name.upper())


def test_a_loop_drops_what_waits_from_before_and_counts_it() -> None:
    matcher = PairMatcher[int](5, 10)
    feed(matcher, [(LEFT, 1000), (LEFT, 1033), (RIGHT, 1066)])
    assert feed(matcher, [(LEFT, 0), (RIGHT, 0)]) == [(0, 0)]
    assert (matcher.counts(LEFT).stamp_jump, matcher.counts(RIGHT).stamp_jump) == (2, 1)
    assert matcher.jumps == 2
    assert_counts_add_up(matcher)


def test_the_camera_that_jumps_second_keeps_the_new_frames_of_the_first() -> None:
    matcher = PairMatcher[int](5, 10)
    feed(matcher, [(LEFT, 1000), (RIGHT, 1000), (LEFT, 1033)])
    assert feed(matcher, [(RIGHT, 0), (RIGHT, 33), (LEFT, 0), (LEFT, 33)]) == [(0, 0), (33, 33)]


def test_limits_can_change_between_frames() -> None:
    matcher = PairMatcher[int](0, 10)
    assert feed(matcher, [(LEFT, 0), (RIGHT, 4), (LEFT, 100)]) == []
    matcher.configure(5, 10)
    assert feed(matcher, [(RIGHT, 104)]) == [(0, 4), (100, 104)]


@pytest.mark.parametrize(("slop", "queue_size"), [(-1, 5), (0, 0)])
def test_impossible_limits_are_refused(slop: int, queue_size: int) -> None:
    with pytest.raises(ValueError, match="must be 0 or more, queue size"):
        PairMatcher[int](slop, queue_size)


arrivals_of_any_kind = st.lists(st.tuples(st.sampled_from(Side), st.integers(0, 60)), max_size=60)


@given(arrivals_of_any_kind, st.integers(0, 12), st.integers(1, 6))
def test_any_stream_keeps_the_promises(arrivals: list[Arrival], slop: int, queue_size: int) -> None:
    matcher = PairMatcher[int](slop, queue_size)
    used: set[tuple[Side, int]] = set()
    for number, (side, stamp) in enumerate(arrivals):
        for pair in matcher.add(side, stamp, number):
            assert abs(pair.skew) <= slop
            frames = {(LEFT, pair.left), (RIGHT, pair.right)}
            assert not frames & used, "a frame is in two pairs"
            used |= frames
        for each in Side:
            assert matcher.counts(each).waiting <= queue_size
        assert_counts_add_up(matcher)
    assert sum(matcher.counts(side).received for side in Side) == len(arrivals)


@st.composite
def forward_arrivals(draw: st.DrawFn) -> list[Arrival]:
    """Two cameras whose stamps only grow, interleaved in any way, flushed by one late pair.

    Each camera's first interval is the shortest there can be, so the matcher's guess of when the
    next frame may come is never wrong, and arrival order must not change which frames pair.
    """
    streams = {}
    for side in Side:
        start = draw(st.integers(0, 10))
        later = draw(st.lists(st.integers(1, 12), max_size=6))
        stamps = [start, start + 1]
        for interval in later:
            stamps.append(stamps[-1] + interval)
        streams[side] = [*stamps, 1000]
    order = draw(st.permutations([side for side in Side for _ in streams[side]]))
    queues = {side: iter(stamps) for side, stamps in streams.items()}
    return [(side, next(queues[side])) for side in order]


def exhaustive_pairs(arrivals: list[Arrival], slop: int) -> list[tuple[int, int]]:
    """What hindsight pairs: again and again the oldest two that are each other's nearest."""
    left = [stamp for side, stamp in arrivals if side is LEFT]
    right = [stamp for side, stamp in arrivals if side is RIGHT]
    pairs = []
    while found := [
        (a, b)
        for a in left
        for b in right
        if abs(a - b) <= slop
        and all((abs(a - b), b) <= (abs(a - other), other) for other in right)
        and all((abs(a - b), a) <= (abs(other - b), other) for other in left)
    ]:
        pairs.append(min(found))
        left = [stamp for stamp in left if stamp > pairs[-1][0]]
        right = [stamp for stamp in right if stamp > pairs[-1][1]]
    return pairs


@given(forward_arrivals(), st.integers(0, 12))
def test_pairs_are_those_of_an_exhaustive_search_in_hindsight(
    arrivals: list[Arrival], slop: int
) -> None:
    pairs = feed(PairMatcher[int](slop, 20), arrivals)
    assert pairs == exhaustive_pairs(arrivals, slop)
    assert pairs == sorted(pairs), "pairs come in the order of their stamps"


@given(forward_arrivals(), st.integers(0, 12))
def test_an_exact_match_is_never_delayed(arrivals: list[Arrival], slop: int) -> None:
    matcher = PairMatcher[int](slop, 20)
    seen: dict[Side, set[int]] = {side: set() for side in Side}
    for side, stamp in arrivals:
        seen[side].add(stamp)
        stamps = feed(matcher, [(side, stamp)])
        if stamp in seen[side.other]:
            assert (stamp, stamp) in stamps


@given(
    before=arrivals_of_any_kind,
    slop=st.integers(0, 8),
    offset=st.integers(0, 8),
    order=st.permutations([LEFT, RIGHT] * 3),
)
def test_pairing_resumes_within_two_frames_of_a_jump(
    before: list[Arrival], slop: int, offset: int, order: list[Side]
) -> None:
    """Whatever waits from before, at most the first two frames of the new time stay alone."""
    matcher = PairMatcher[int](slop, 5)
    feed(matcher, [(side, stamp + 10_000) for side, stamp in before])
    skew = min(offset, slop)
    new = {LEFT: iter([0, 100, 200]), RIGHT: iter([skew, 100 + skew, 200 + skew])}
    pairs = feed(matcher, [(side, next(new[side])) for side in order])
    assert len([pair for pair in pairs if pair[0] < 10_000]) >= 1
    assert set(pairs) <= {(0, skew), (100, 100 + skew), (200, 200 + skew)}


def test_what_waits_can_be_let_go_and_any_time_may_follow() -> None:
    matcher = PairMatcher[str](slop=0, queue_size=5)
    matcher.add(Side.LEFT, 1000, "old")
    matcher.forget_waiting()
    counts = matcher.counts(Side.LEFT)
    assert (counts.received, counts.unpaired, counts.waiting) == (1, 1, 0)
    matcher.add(Side.LEFT, 10, "new")
    (pair,) = matcher.add(Side.RIGHT, 10, "new")
    assert (pair.left, matcher.jumps) == ("new", 0)
