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
from typing import TYPE_CHECKING, Any

import numpy as np

from apanet_core.errors import ApanetError
from apanet_core.runtime.backend import Mark
from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.runtime.loading import load_backend
from apanet_core.runtime.options import RuntimeOptions

if TYPE_CHECKING:
    from apanet_core.benchmark.complexity import Complexity

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
        device, threads, backend, precision, provider, acceleration: as `RuntimeOptions` has them.
        warm_up: pairs before the first one that counts.
        repeat: pairs that count.
        roofline: whether to measure what the machine allows; torch only.
    """

    model: str
    height: int
    width: int
    released: bool = False
    device: str = "auto"
    threads: int = 0
    warm_up: int = 2
    repeat: int = 10
    backend: str = "auto"
    precision: str = "auto"
    provider: str = "auto"
    acceleration: str = "none"
    roofline: bool = False

    @property
    def network(self) -> str:
        """What computes, in words: the model, and how where that was chosen."""
        choices = (self.backend, self.precision, self.provider, self.acceleration)
        how = [choice for choice in choices if choice not in ("auto", "none")]
        return ", ".join([self.model, *how, *(["released formulation"] if self.released else [])])

    @property
    def options(self) -> RuntimeOptions:
        """How it is to be run."""
        return RuntimeOptions(
            self.backend,
            self.device,
            self.precision,
            self.threads,
            provider=self.provider,
            acceleration=self.acceleration,
        )


@dataclass(frozen=True)
class Percentiles:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Roofline:
    """What the device allows in the case's precision.

    Attributes:
        gmacs_per_s: billions of multiply-accumulate operations a second of a large product.
        gb_per_s: billions of bytes a second of a large copy, read and written.
        operations_ms: the network's operations over that rate.
        bytes_ms: what its operators read and write, each once and whole, over that bandwidth.
    """

    gmacs_per_s: float
    gb_per_s: float
    operations_ms: float
    bytes_ms: float


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
        estimated_mib: what deraining was expected to add, MiB; 0 where nothing was.
        fidelity_db: PSNR of the derained bytes against those of float32 where it was told to
            compute in another precision; infinite where all are equal.
        roofline: what the machine allows, where that was asked for.
    """

    case: Case
    description: str
    parameters: int | None
    gmacs: float | None
    stages: dict[str, Percentiles]
    loaded_mib: float
    peak_mib: float
    device_mib: float
    estimated_mib: float = 0.0
    fidelity_db: float | None = None
    roofline: Roofline | None = None

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
        limits = values.get("roofline")
        parts = {"case": Case(**values["case"]), "stages": stages}
        return cls(**(values | parts | {"roofline": Roofline(**limits) if limits else None}))


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
    derainer, work = _load(case)
    loaded = _resident_mib()
    generator = np.random.default_rng(0)
    pair = generator.integers(0, 256, (2, case.height, case.width, 3), np.uint8)
    times = _times(case, derainer, pair)
    peak, device = _resident_mib(), _device_mib(derainer.device)
    estimate = 0.0 if case.released else derainer.working_bytes(case.height, case.width) / MEBIBYTE
    return Result(
        case,
        derainer.description,
        work.parameters if work else None,
        (work.macs_stored if case.released else work.macs) / 1e9 if work else None,
        {stage: _percentiles(values) for stage, values in times.items()},
        loaded,
        peak,
        device,
        estimate,
        _fidelity_db(case, derainer, pair),
        _roofline(case, derainer.device, work),
    )


def _load(case: Case) -> tuple[StereoDerainer, Complexity | None]:
    if case.model.endswith(".onnx"):
        if case.released:
            raise ApanetError(f"{case.model} is fixed: the released formulation needs weights.")
        return StereoDerainer(load_backend(case.model, case.options), spare_memory=False), None
    from apanet_core.benchmark.complexity import complexity
    from apanet_core.benchmark.paper_size import paper_network
    from apanet_core.benchmark.released_formulation import in_released_formulation
    from apanet_core.network.checkpoint import load_model
    from apanet_core.runtime.devices import resolve_device
    from apanet_core.runtime.torch_backend import TorchBackend

    device = resolve_device(case.device)
    paper = case.model == "paper"
    model = paper_network().to(device) if paper else load_model(case.model, device)
    work = complexity(model.config, case.height, case.width)
    if case.released:
        model = in_released_formulation(model)
    else:
        model.skip_negligible_attention()
    return StereoDerainer(TorchBackend(model, case.options), spare_memory=False), work


def _times(case: Case, derainer: StereoDerainer, pair: Any) -> dict[str, list[float]]:
    """Derain again and again; return the seconds of every stage, warm-up left out."""
    synchronise = _synchroniser(derainer.device)
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(case.warm_up + case.repeat):
        row = _timed(derainer, pair, synchronise)
        if number >= case.warm_up:
            for stage, seconds in row.items():
                times[stage].append(seconds)
    return times


def _fidelity_db(case: Case, derainer: StereoDerainer, pair: Any) -> float | None:
    if case.precision in ("auto", "float32") or case.model.endswith(".onnx"):
        return None
    exact, _ = _load(dataclasses.replace(case, precision="float32", acceleration="none"))
    found, expected = (np.stack(each.derain(*pair)).astype(float) for each in (derainer, exact))
    error = float(((found - expected) ** 2).mean())
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def _roofline(case: Case, device: str, work: Complexity | None) -> Roofline | None:
    if not case.roofline or work is None:
        return None
    from apanet_core.benchmark.roofline import measure_roofline

    return measure_roofline(device, case.precision, work)


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
