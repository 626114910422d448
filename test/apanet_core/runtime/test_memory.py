"""Memory in use, as the system counts it."""

from __future__ import annotations

import gc

import numpy as np

from apanet_core.runtime.memory import (
    device_memory,
    process_memory,
    release_memory,
    settle_memory,
)


def test_what_is_held_counts_and_what_is_released_does_not() -> None:
    release_memory()
    before = process_memory()
    held = [np.ones(1000) for _ in range(10_000)]
    assert process_memory() - before > 60e6
    held.clear()
    release_memory()
    assert process_memory() - before < 30e6


def test_a_processor_has_no_memory_of_its_own() -> None:
    assert device_memory("cpu") == 0


def test_what_is_settled_is_not_gone_through_until_memory_is_released() -> None:
    held = [object()]
    settle_memory()
    assert not any(each is held for each in gc.get_objects())
    release_memory()
    assert any(each is held for each in gc.get_objects())
