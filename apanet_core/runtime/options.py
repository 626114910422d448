"""How a network is to be run: the choices, and their names; nothing here needs torch."""

from __future__ import annotations

import os
from dataclasses import dataclass

from apanet_core.cores import present_cores, usable_cores
from apanet_core.errors import BackendError

AUTO = "auto"
BACKENDS = ("torch", "onnx")
PRECISIONS = ("float32", "bfloat16", "float16")
PROVIDERS = ("cuda", "tensorrt", "cpu")
ACCELERATIONS = ("none", "graph", "compile")


@dataclass(frozen=True)
class RuntimeOptions:
    """What runs a network, where, and how exactly.

    Attributes:
        backend: `auto`, `torch` or `onnx`; `auto` takes what the source asks for.
        device: `auto` (the GPU where there is one), `cpu`, `cuda` or `cuda:N`.
        precision: of the arithmetic: `auto`, `float32`, `bfloat16` or `float16`. `auto` is
            bfloat16 on a GPU that computes with it, else float32; of an `.onnx` file it is the
            file's own. Images come in and go out as bytes whatever it is.
        threads: of the CPU that the network may take, at most one for each usable core; 0 leaves
            the library's choice.
        tiled: cut pictures as the paper's evaluation does, rather than derain them whole.
        provider: of ONNX Runtime: `auto`, `cuda`, `tensorrt` or `cpu`; `auto` takes the first of
            `cuda`, `tensorrt` and `cpu` that is there.
        acceleration: of torch: `none`; `graph`, which replays a CUDA graph per picture size;
            `compile`, which is `torch.compile`; or `auto`: `graph` on a GPU, `none` on a CPU. What
            fails is left out, with the reason logged.

    Raises:
        BackendError: a name is unknown; the message lists the valid ones.
    """

    backend: str = AUTO
    device: str = AUTO
    precision: str = AUTO
    threads: int = 0
    tiled: bool = False
    provider: str = AUTO
    acceleration: str = AUTO

    def __post_init__(self) -> None:
        _check("backend", self.backend, BACKENDS)
        _check("precision", self.precision, PRECISIONS)
        _check("provider", self.provider, PROVIDERS)
        _check("acceleration", self.acceleration, ACCELERATIONS)
        if self.threads < 0:
            raise BackendError(f"threads must be 0 (the library's choice) or more: {self.threads}.")


def usable_threads(threads: int) -> int:
    """Return a number of threads that the usable cores can run.

    0 becomes what OMP_NUM_THREADS says, which ONNX Runtime does not read, or the share of the cores
    that a container has, which no library knows; else it stays 0, the library's choice.
    """
    cores = usable_cores()
    if threads:
        return min(threads, cores)
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdigit() and int(said):
        return int(said)
    return cores if cores < present_cores() else 0


def _check(kind: str, name: str, valid: tuple[str, ...]) -> None:
    if name not in (AUTO, *valid):
        raise BackendError(f"Unknown {kind} {name!r}; valid: {', '.join((AUTO, *valid))}.")
