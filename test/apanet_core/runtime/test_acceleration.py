from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.runtime.acceleration import GraphReplay, WithFallback, accelerated


def brighter(left, right):
    return left + 1, right + 2


VIEWS = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)


@pytest.mark.parametrize("kind", ["auto", "none"])
def test_nothing_is_accelerated_on_a_cpu_unasked(kind, caplog) -> None:
    assert accelerated(brighter, kind, torch.device("cpu")) is brighter
    assert not caplog.messages


def test_a_graph_without_a_gpu_is_left_out_with_the_reason(caplog) -> None:
    assert accelerated(brighter, "graph", torch.device("cpu")) is brighter
    assert caplog.messages == ["acceleration graph is left out: it needs a CUDA device, not cpu."]


def test_what_fails_once_is_left_out_for_good(caplog) -> None:
    calls = []

    def quick(left, right):
        calls.append("quick")
        raise RuntimeError("no compiler\nand a long trace")

    derain = WithFallback(quick, brighter, "compile")

    for _ in range(2):
        assert derain(*VIEWS)[1].mean() == 2
    assert calls == ["quick"]
    assert caplog.messages == ["acceleration compile is left out: no compiler"]


def test_memory_that_runs_out_is_the_callers() -> None:
    def quick(left, right):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(torch.cuda.OutOfMemoryError):
        WithFallback(quick, brighter, "graph")(*VIEWS)


def test_a_failure_of_the_plain_way_comes_out() -> None:
    def broken(left, right):
        raise ValueError("wrong picture")

    derain = WithFallback(broken, broken, "compile")

    with pytest.raises(ValueError, match="wrong picture"):
        derain(*VIEWS)


def test_a_size_is_recorded_when_it_comes_again_and_the_last_four_are_kept() -> None:
    recorded = []

    def record(derain, left, right):
        recorded.append(left.shape[-1])
        return lambda left, right: (left + 10, right + 20)

    replay = GraphReplay(brighter, record)

    def derained(*sizes):
        return [int(replay(*torch.zeros(2, 1, 3, size, size))[0].max()) for size in sizes]

    assert derained(8, 16, 8, 8, 16) == [1, 1, 10, 10, 10]
    assert recorded == [8, 16]
    # Two more sizes fit beside these two; a fifth takes the place of what came least lately.
    assert derained(24, 32, 8, 40) == [1, 1, 10, 1]
    assert derained(8, 16, 24) == [10, 1, 1]
    assert recorded == [8, 16]


def test_a_recording_that_fails_leaves_the_plain_way(caplog) -> None:
    def record(derain, left, right):
        raise RuntimeError("operation not permitted when stream is capturing")

    derain = WithFallback(GraphReplay(brighter, record), brighter, "graph")

    assert [int(derain(*VIEWS)[0].max()) for _ in range(3)] == [1, 1, 1]
    assert caplog.messages == [
        "acceleration graph is left out: operation not permitted when stream is capturing"
    ]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_replayed_graph_computes_the_same() -> None:
    replay = GraphReplay(lambda left, right: (left * 2, left + right))
    for size in (8, 8, 8, 16, 16, 8):
        left, right = torch.rand(2, 1, 3, size, size, device="cuda")

        doubled, added = replay(left, right)

        assert torch.equal(doubled, left * 2)
        assert torch.equal(added, left + right)
