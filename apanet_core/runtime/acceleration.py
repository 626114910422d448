"""CUDA graphs and `torch.compile`, each left out with a logged reason where it does not work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from apanet_core.runtime.memory import is_out_of_memory
from apanet_core.runtime.options import AUTO

DerainTensors = Callable[[Tensor, Tensor], Any]
"""Derains a left and a right float `[1,3,H,W]`; returns a tuple of such."""
Record = Callable[[DerainTensors, Tensor, Tensor], DerainTensors]
"""Makes of one way to derain, and of a pair to begin with, a quicker way for that pair's size."""

MOST_SIZES = 4
"""Picture sizes whose CUDA graphs are kept, each with the memory that deraining it takes."""

_log = logging.getLogger(__name__)


def accelerated(derain: DerainTensors, kind: str, device: torch.device) -> DerainTensors:
    """Return what computes the same in the way of `RuntimeOptions.acceleration`."""
    if kind == AUTO:
        kind = "graph" if device.type == "cuda" else "none"
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

    def __call__(self, left: Tensor, right: Tensor) -> Any:
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


class Recording:
    """A CUDA graph of one picture size."""

    def __init__(self, derain: DerainTensors, left: Tensor, right: Tensor) -> None:
        self._inputs = (left.clone(), right.clone())
        # Libraries set themselves up in the first calls, which must not be recorded.
        stream = torch.cuda.Stream(left.device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                derain(*self._inputs)
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._outputs = derain(*self._inputs)

    def __call__(self, left: Tensor, right: Tensor) -> Any:
        """Derain float `[1,3,H,W]` of the recorded size."""
        for place, view in zip(self._inputs, (left, right), strict=True):
            place.copy_(view)
        self._graph.replay()
        return self._outputs


class GraphReplay:
    """Records what a CUDA device is given for a picture size, and has it done again at once.

    Recording takes several times as long as deraining. So a size is recorded when it comes for the
    second time, and the sizes that came last are kept. What a call returns is overwritten by the
    next one of the same size.

    Args:
        derain: what is recorded.
        record: makes a recording.
    """

    def __init__(self, derain: DerainTensors, record: Record = Recording) -> None:
        self._derain = derain
        self._record = record
        # None where a size came once; in the order in which they came last.
        self._sizes: dict[torch.Size, DerainTensors | None] = {}

    def __call__(self, left: Tensor, right: Tensor) -> Any:
        """Derain float `[1,3,H,W]` on a CUDA device."""
        came_before = left.shape in self._sizes
        recording = self._sizes.pop(left.shape, None)
        if came_before and recording is None:
            recording = self._record(self._derain, left, right)
        self._sizes[left.shape] = recording
        if len(self._sizes) > MOST_SIZES:
            self._sizes.pop(next(iter(self._sizes)))
        return (recording or self._derain)(left, right)
