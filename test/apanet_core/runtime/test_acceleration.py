from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.runtime.acceleration import GraphReplay, WithFallback, accelerated


def brighter(left, right):
    return left + 1, right + 2


VIEWS = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)


def test_none_leaves_the_network_as_it_is() -> None:
    assert accelerated(brighter, "none", torch.device("cpu")) is brighter


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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_replayed_graph_computes_the_same() -> None:
    replay = GraphReplay(lambda left, right: (left * 2, left + right))
    for size in (8, 8, 16):
        left, right = torch.rand(2, 1, 3, size, size, device="cuda")

        doubled, added = replay(left, right)

        assert torch.equal(doubled, left * 2)
        assert torch.equal(added, left + right)
