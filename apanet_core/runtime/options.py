"""How a network is to be run: the choices, and their names; nothing here needs torch."""

from __future__ import annotations

from dataclasses import dataclass

from apanet_core.errors import BackendError

AUTO = "auto"
BACKENDS = ("torch", "onnx")
PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class RuntimeOptions:
    """What runs a network, where, and how exactly.

    Attributes:
        backend: `auto`, `torch` or `onnx`; `auto` takes what the source asks for.
        device: `auto` (the GPU where there is one), `cpu`, `cuda` or `cuda:N`.
        precision: of the arithmetic: `auto`, `float32`, `bfloat16` or `float16`. `auto` is
            bfloat16 on a GPU that computes with it, else float32; of an `.onnx` file it is the
            file's own. Images come in and go out as bytes whatever it is.
        threads: of the CPU that the network may take; 0 leaves the library's choice.
        tiled: cut pictures as the paper's evaluation does, rather than derain them whole.

    Raises:
        BackendError: a name is unknown; the message lists the valid ones.
    """

    backend: str = AUTO
    device: str = AUTO
    precision: str = AUTO
    threads: int = 0
    tiled: bool = False

    def __post_init__(self) -> None:
        _check("backend", self.backend, BACKENDS)
        _check("precision", self.precision, PRECISIONS)
        if self.threads < 0:
            raise BackendError(f"threads must be 0 (the library's choice) or more: {self.threads}.")


def _check(kind: str, name: str, valid: tuple[str, ...]) -> None:
    if name not in (AUTO, *valid):
        raise BackendError(f"Unknown {kind} {name!r}; valid: {', '.join((AUTO, *valid))}.")
