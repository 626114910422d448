"""A value counts as steady once it has been the same for a while."""

from __future__ import annotations

from apanet_core.streaming.steadiness import Steadiness


def test_a_value_is_steady_only_after_it_has_held() -> None:
    now = 100.0
    steadiness = Steadiness(0.5, lambda: now)
    assert not steadiness.is_steady("a")
    now += 0.4
    assert not steadiness.is_steady("a")
    now += 0.1
    assert steadiness.is_steady("a")


def test_each_change_begins_the_wait_anew() -> None:
    now = 100.0
    steadiness = Steadiness(0.5, lambda: now)
    for value in ("a", "b", "a"):
        now += 0.4
        assert not steadiness.is_steady(value)
    now += 0.5
    assert steadiness.is_steady("a")
    assert not steadiness.is_steady("b")
