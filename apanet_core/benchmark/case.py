"""One measurement: a network, a size of picture, a device; run alone in its own process.

Only a process of its own tells how much memory a network takes: what was measured before leaves
its traces in the peak.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from apanet_core.errors import ApanetError
from apanet_core.runtime.backend import Mark
from apanet_core.runtime.derainer import StereoDerainer

MEBIBYTE = 2**20
WHOLE = "whole"
"""Name of the time from bytes to bytes, all stages together."""


@dataclass(frozen=True)
class Case:
    """What is measured.

    Attributes:
        model: as `StereoDerainer` takes it, or `paper` for the paper's size with random weights.
        height, width: of the pictures.
        released: whether to compute as the released code does, with stored scores; torch only.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: of the CPU; 0 leaves the library's choice.
        warm_up: pairs before the first one that counts.
        repeat: pairs that count.
    """

    model: str
    height: int
    width: int
    released: bool = False
    device: str = "auto"
    threads: int = 0
    warm_up: int = 2
    repeat: int = 10

    @property
    def network(self) -> str:
        """What computes, in words: the model, and its formulation where it is the released one."""
        return f"{self.model}, released formulation" if self.released else self.model


@dataclass(frozen=True)
class Percentiles:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Result:
    """What was found.

    Attributes:
        case: what was measured.
        description: what computed it.
        parameters, gmacs: of the network, `None` for an ONNX file. Work is in billions of
            multiply-accumulate operations a pair.
        stages: time of each stage and of the `whole`.
        loaded_mib: largest resident size of the process before the first pair, MiB.
        peak_mib: largest resident size of the process, MiB.
        device_mib: largest memory taken on a GPU, MiB; 0 on a CPU.
    """

    case: Case
    description: str
    parameters: int | None
    gmacs: float | None
    stages: dict[str, Percentiles]
    loaded_mib: float
    peak_mib: float
    device_mib: float

    @property
    def working_mib(self) -> float:
        """Memory that deraining adds to the loaded process, MiB."""
        return self.device_mib or self.peak_mib - self.loaded_mib

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Result:
        """Read what `to_dict` returned."""
        stages = {name: Percentiles(**times) for name, times in values["stages"].items()}
        return cls(**(values | {"case": Case(**values["case"]), "stages": stages}))


def measure_alone(case: Case) -> Result:
    """Measure a case in a process of its own.

    Raises:
        ApanetError: that process failed; the message is its last line.
    """
    command = [sys.executable, "-m", __name__, json.dumps(dataclasses.asdict(case))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"killed by signal {-done.returncode}"]
        raise ApanetError(f"{case.model} at {case.width}x{case.height}: {lines[-1]}")
    return Result.from_dict(json.loads(done.stdout))


def measure(case: Case) -> Result:
    """Measure a case in this process."""
    derainer, parameters, gmacs = _load(case)
    loaded = _resident_mib()
    generator = np.random.default_rng(0)
    pair = generator.integers(0, 256, (2, case.height, case.width, 3), np.uint8)
    synchronise = _synchroniser(derainer.device)
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(case.warm_up + case.repeat):
        row = _timed(derainer, pair, synchronise)
        if number >= case.warm_up:
            for stage, seconds in row.items():
                times[stage].append(seconds)
    return Result(
        case,
        derainer.description,
        parameters,
        gmacs,
        {stage: _percentiles(values) for stage, values in times.items()},
        loaded,
        _resident_mib(),
        _device_mib(derainer.device),
    )


def _load(case: Case) -> tuple[StereoDerainer, int | None, float | None]:
    if case.model.endswith(".onnx"):
        if case.released:
            raise ApanetError(f"{case.model} is fixed: the released formulation needs weights.")
        return StereoDerainer(case.model, case.device), None, None
    import torch

    from apanet_core.benchmark.complexity import complexity
    from apanet_core.benchmark.released_formulation import in_released_formulation
    from apanet_core.network.apanet import APANet
    from apanet_core.network.checkpoint import load_model
    from apanet_core.runtime.devices import resolve_device
    from apanet_core.runtime.torch_backend import TorchBackend

    if case.threads:
        torch.set_num_threads(case.threads)
    device = resolve_device(case.device)
    paper = case.model == "paper"
    model = APANet().to(device).eval() if paper else load_model(case.model, device)
    work = complexity(model.config, case.height, case.width)
    if case.released:
        model = in_released_formulation(model)
    macs = work.macs_stored if case.released else work.macs
    return StereoDerainer(TorchBackend(model)), work.parameters, macs / 1e9


def _timed(derainer: StereoDerainer, pair: Any, synchronise: Mark) -> dict[str, float]:
    """Derain a pair and return the seconds of every stage and of the whole."""
    stages: dict[str, float] = {}
    begin = last = time.perf_counter()

    def mark(stage: str) -> None:
        nonlocal last
        synchronise(stage)
        now = time.perf_counter()
        stages[stage], last = now - last, now

    left, right = pair
    derainer.derain(left, right, mark)
    return {**stages, WHOLE: last - begin}


def _synchroniser(device: str) -> Mark:
    """Return what waits until the device has done what it was given."""
    if not device.startswith("cuda") or "torch" not in sys.modules:
        # ONNX Runtime returns when it is done.
        return lambda _stage: None
    import torch

    return lambda _stage: torch.cuda.synchronize(device)


def _percentiles(seconds: list[float]) -> Percentiles:
    p50, p95, p99 = (1e3 * np.percentile(seconds, (50, 95, 99))).tolist()
    return Percentiles(p50, p95, p99)


def _resident_mib() -> float:
    """Return the largest resident size so far.

    Not by `getrusage`: what that counts a process inherits from the one that started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _device_mib(device: str) -> float:
    if not device.startswith("cuda") or "torch" not in sys.modules:
        return 0.0
    import torch

    return float(torch.cuda.max_memory_allocated(device) / MEBIBYTE)


if __name__ == "__main__":
    try:
        print(json.dumps(measure(Case(**json.loads(sys.argv[1]))).to_dict()))
    except ApanetError as error:
        sys.exit(str(error))
