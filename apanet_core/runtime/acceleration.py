"""CUDA graphs and `torch.compile`, each left out with a logged reason where it does not work."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch
from torch import Tensor

from apanet_core.runtime.memory import is_out_of_memory

DerainTensors = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Derains a left and a right float `[1,3,H,W]`."""

_log = logging.getLogger(__name__)


def accelerated(derain: DerainTensors, kind: str, device: torch.device) -> DerainTensors:
    """Return what computes the same in the way of `RuntimeOptions.acceleration`."""
    if kind == "graph" and device.type != "cuda":
        _log.warning("acceleration graph is left out: it needs a CUDA device, not %s.", device)
        return derain
    if kind == "graph":
        return WithFallback(GraphReplay(derain), derain, kind)
    if kind == "compile":
        return WithFallback(torch.compile(derain), derain, kind)
    return derain


class WithFallback:
    """Computes the quick way until that fails once, and then the plain way for good."""

    def __init__(self, quick: DerainTensors, plain: DerainTensors, name: str) -> None:
        self._way, self._plain, self._name = quick, plain, name

    def __call__(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Derain float `[1,3,H,W]`; memory that runs out is the caller's to answer."""
        try:
            return self._way(left, right)
        except Exception as error:
            if self._way is self._plain or is_out_of_memory(error):
                raise
            reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
            _log.warning("acceleration %s is left out: %s", self._name, reason)
            self._way = self._plain
        return self._plain(left, right)


class GraphReplay:
    """Records what a CUDA device is given for one picture size, and has it done again at once.

    What it returns is overwritten by the next call. Another size is recorded anew.
    """

    def __init__(self, derain: DerainTensors) -> None:
        self._derain = derain
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: tuple[Tensor, Tensor] = (torch.empty(0), torch.empty(0))
        self._outputs = self._inputs

    def __call__(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Derain float `[1,3,H,W]` on a CUDA device."""
        if self._graph is None or self._inputs[0].shape != left.shape:
            self._graph = None
            self._graph = self._record(left, right)
        for place, view in zip(self._inputs, (left, right), strict=True):
            place.copy_(view)
        self._graph.replay()
        return self._outputs

    def _record(self, left: Tensor, right: Tensor) -> torch.cuda.CUDAGraph:
        self._inputs = (left.clone(), right.clone())
        # Libraries set themselves up in the first calls, which must not be recorded.
        stream = torch.cuda.Stream(left.device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self._derain(*self._inputs)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._outputs = self._derain(*self._inputs)
        return graph
