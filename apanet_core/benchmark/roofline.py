"""How fast a device could be at best: its rate of products and its bandwidth, measured on it."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from apanet_core.benchmark.case import Roofline
from apanet_core.benchmark.complexity import Complexity
from apanet_core.runtime.devices import resolve_precision

SIDES = {"cpu": 1536, "cuda": 8192}
"""Of the matrices whose product is timed: large enough to reach the rate, small enough to wait."""

COPIED_BYTES = 2**28
"""More than any cache holds."""

REPEATS = 5


def measure_roofline(device: str, precision: str, work: Complexity) -> Roofline:
    """Measure a device, and say how long a network would take on it at best.

    Args:
        device: `cpu` or `cuda:N`.
        precision: as `RuntimeOptions` has it.
        work: of the network.
    """
    number = getattr(torch, resolve_precision(precision, device))
    side = SIDES[device.partition(":")[0]]
    one, two = torch.rand(2, side, side, device=device, dtype=number)
    rate = side**3 / _shortest(lambda: one @ two, device)
    source = torch.zeros(COPIED_BYTES, dtype=torch.uint8, device=device)
    target = torch.zeros_like(source)
    bandwidth = 2 * COPIED_BYTES / _shortest(lambda: target.copy_(source), device)
    moved = work.bytes_moved * number.itemsize / 4
    return Roofline(rate / 1e9, bandwidth / 1e9, 1e3 * work.macs / rate, 1e3 * moved / bandwidth)


def _shortest(run: Callable[[], object], device: str) -> float:
    """Return the seconds of the fastest of several runs, after one to warm up."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        run()
        if device != "cpu":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - start)
    return min(times[1:])
