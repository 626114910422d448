"""What becomes of pictures for which memory runs out."""

from __future__ import annotations

import numpy as np
import pytest

from apanet_core.runtime.backend import unmarked
from apanet_core.runtime.derainer import StereoDerainer


class SmallMemory:
    """A backend that takes so many rows at once."""

    device, description, multiple, separates_veil = "cpu", "small", 8, False

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.calls: list[int] = []

    def derain(self, left, right, _mark=unmarked, _veil_removal=1.0):
        self.calls.append(left.shape[0])
        if left.shape[0] > self.rows:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to ...")
        return 255 - left, 255 - right

    def working_bytes(self, height: int, width: int) -> int:
        return height * width * 2**10


PAIR = np.random.default_rng(0).integers(0, 256, (2, 400, 64, 3), np.uint8)


def test_bands_and_one_warning_answer(caplog) -> None:
    backend = SmallMemory(rows=140)
    derainer = StereoDerainer(backend)

    first = derainer.derain(*PAIR)
    calls = len(backend.calls)
    second = derainer.derain(*PAIR)

    for found in (first, second):
        assert np.array_equal(np.stack(found), 255 - PAIR)
    # Whole, halves, then four bands; the second pair goes straight to them.
    assert backend.calls[:2] == [400, 200]
    assert len(backend.calls) - calls == 4
    (message,) = caplog.messages
    assert message.startswith("Out of memory at 64 x 400, which takes about 25 MiB on cpu: pict")


def test_other_sizes_stay_whole() -> None:
    backend = SmallMemory(rows=140)
    derainer = StereoDerainer(backend)
    derainer.derain(*PAIR)
    backend.calls.clear()

    derainer.derain(*PAIR[:, :128])

    assert backend.calls == [128]


def test_where_no_band_is_small_enough_the_error_comes_out() -> None:
    with pytest.raises(RuntimeError, match="can't allocate memory"):
        StereoDerainer(SmallMemory(rows=8)).derain(*PAIR)


def test_the_caller_can_have_the_error_at_once() -> None:
    backend = SmallMemory(rows=140)

    with pytest.raises(RuntimeError, match="can't allocate memory"):
        StereoDerainer(backend, spare_memory=False).derain(*PAIR)

    assert backend.calls == [400]


def test_other_errors_come_out_at_once(monkeypatch) -> None:
    backend = SmallMemory(rows=1000)
    monkeypatch.setattr(backend, "derain", lambda *_: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        StereoDerainer(backend).derain(*PAIR)
