"""ONNX Runtime, imported where it is used; what keeps it from loading is told."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from apanet_core.errors import BackendError

_PACKAGES = ("onnxruntime", "onnxruntime-gpu")
_FIRST_FOR_NUMPY_2 = (1, 19)


def import_onnx_runtime() -> Any:
    """Return the module `onnxruntime`.

    Raises:
        BackendError: it is not installed, or does not load here; the message says which and why.
    """
    installed = _installed()
    numpy = np.__version__
    if installed and int(numpy.partition(".")[0]) >= 2 and _release(installed) < _FIRST_FOR_NUMPY_2:
        # Its own error has no words, and NumPy prints a traceback beside it.
        raise BackendError(
            f"ONNX Runtime {installed} was built for NumPy 1 and does not load with NumPy {numpy}: "
            "pip install 'onnxruntime>=1.19', or 'numpy<2'."
        )
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise BackendError(_does_not_load(installed, error)) from error
        raise BackendError(
            "ONNX Runtime is not installed: pip install 'apanet_ros[onnx]' (or [onnx-gpu])."
        ) from error
    except ImportError as error:
        raise BackendError(_does_not_load(installed, error)) from error
    return onnxruntime


def _installed() -> str:
    """Return the installed version; empty where a package of that name is not known."""
    for package in _PACKAGES:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return ""


def _release(number: str) -> tuple[int, ...]:
    parts = number.split(".")[:2]
    return tuple(int(part) if part.isdigit() else 0 for part in parts)


def _does_not_load(installed: str, error: ImportError) -> str:
    reason = str(error).split("\n", 1)[0] or "without saying why"
    return (
        f"ONNX Runtime {installed} is installed and does not load ({reason}): "
        "pip install --force-reinstall 'apanet_ros[onnx]' (or [onnx-gpu])."
    )
