"""Items that wait for what belongs to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apanet_core.streaming.completion import Completion


def test_an_item_leaves_when_it_is_complete() -> None:
    there: set[int] = set()
    completion = Completion[int](there.__contains__, 5)
    assert completion.add(1) == []
    assert completion.take_complete() == []
    there.add(1)
    assert completion.take_complete() == [1]
    assert completion.take_complete() == []
    assert (completion.waiting, completion.incomplete) == (0, 0)


def test_what_is_complete_on_arrival_does_not_wait() -> None:
    assert Completion[int](lambda _: True, 1).add(7) == [7]


def test_a_complete_one_overtakes_those_whose_parts_got_lost() -> None:
    there: set[int] = set()
    completion = Completion[int](there.__contains__, 5)
    for item in (1, 2, 3, 4):
        completion.add(item)
    there |= {2, 3}
    assert completion.take_complete() == [2, 3]
    assert (completion.waiting, completion.incomplete) == (1, 1)


def test_the_oldest_leaves_when_too_many_wait() -> None:
    completion = Completion[int](lambda _: False, 2)
    for item in range(5):
        assert completion.add(item) == []
    assert (completion.waiting, completion.incomplete) == (2, 3)
    completion.forget_waiting()
    assert (completion.waiting, completion.incomplete) == (0, 5)


@given(
    limit=st.integers(1, 4),
    steps=st.lists(st.one_of(st.just("add"), st.integers(0, 30)), max_size=60),
)
def test_every_item_is_accounted_for_and_order_is_kept(limit: int, steps: list[str | int]) -> None:
    there: set[int] = set()
    completion = Completion[int](there.__contains__, limit)
    added, left = 0, []
    for step in steps:
        if step == "add":
            left += completion.add(added)
            added += 1
        else:
            there.add(int(step))
            left += completion.take_complete()
        assert completion.waiting <= limit
        assert len(left) + completion.waiting + completion.incomplete == added
    assert left == sorted(left)
