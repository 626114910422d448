"""The mailbox: newest wins, and whatever will not be taken comes back."""

from __future__ import annotations

from threading import Thread

from apanet_core.streaming.mailbox import Mailbox


def test_an_item_is_taken_once() -> None:
    mailbox = Mailbox[str]()
    assert mailbox.put("a") is None
    assert mailbox.take(timeout=0) == "a"
    assert mailbox.take(timeout=0) is None


def test_a_newer_item_replaces_the_waiting_one_and_returns_it() -> None:
    mailbox = Mailbox[str]()
    mailbox.put("old")
    assert mailbox.put("new") == "old"
    assert mailbox.take(timeout=0) == "new"


def test_closing_returns_the_item_left_and_refuses_more() -> None:
    mailbox = Mailbox[str]()
    mailbox.put("left")
    assert mailbox.close() == ["left"]
    assert mailbox.closed
    assert mailbox.put("too late") == "too late"
    assert mailbox.take() is None


def test_closing_wakes_whoever_waits() -> None:
    mailbox = Mailbox[str]()
    taken: list[str | None] = []
    waiting = Thread(target=lambda: taken.append(mailbox.take()))
    waiting.start()
    mailbox.close()
    waiting.join(timeout=10)
    assert taken == [None]


def test_every_item_is_either_taken_or_returned() -> None:
    mailbox = Mailbox[int]()
    taken: list[int] = []

    def take_all() -> None:
        while (item := mailbox.take()) is not None:
            taken.append(item)

    reader = Thread(target=take_all)
    reader.start()
    returned = [mailbox.put(number) for number in range(1, 5001)]
    returned += mailbox.close()
    reader.join(timeout=10)
    lost = [number for number in returned if number is not None]
    assert sorted(taken + lost) == list(range(1, 5001))
    assert taken == sorted(taken)


def test_where_nothing_is_replaced_all_wait_in_a_row() -> None:
    mailbox = Mailbox[int](replace=False)
    assert [mailbox.put(number) for number in (1, 2, 3)] == [None, None, None]
    assert mailbox.waiting == 3
    assert [mailbox.take(), mailbox.take()] == [1, 2]
    assert mailbox.close() == [3]
    assert mailbox.waiting == 0
