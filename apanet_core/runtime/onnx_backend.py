"""Inference with ONNX Runtime, for machines without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import BackendError, CheckpointError, ConfigError
from apanet_core.imaging.types import ByteImage
from apanet_core.network.config import CONFIG_KEY, ApanetConfig
from apanet_core.runtime.backend import Mark, unmarked
from apanet_core.runtime.options import AUTO, RuntimeOptions

_PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}


class OnnxBackend:
    """Run a network that `apanet export` wrote.

    Args:
        path: the `.onnx` file.
        options: how to run it; the precision is the file's own.

    Raises:
        BackendError: ONNX Runtime is not installed, it cannot use the device, or the file was
            exported in another precision.
        CheckpointError: the file is no exported APANet.
    """

    def __init__(self, path: Path, options: RuntimeOptions) -> None:
        if options.precision not in (AUTO, "float32"):
            raise BackendError(f"{path} computes in float32, not in {options.precision}.")
        runtime = _import_runtime()
        self.device, provider = _choose(options.device, runtime.get_available_providers())
        settings = runtime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        try:
            self._session = runtime.InferenceSession(path, settings, providers=[provider])
        # ONNX Runtime raises classes of its own that share no base but Exception.
        except Exception as error:
            first_line = str(error).split("\n", 1)[0]
            raise CheckpointError(f"Cannot load {path}: {first_line}.") from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        if CONFIG_KEY not in metadata:
            raise CheckpointError(
                f"Cannot load {path}: it is no exported APANet; write one with `apanet export`."
            )
        try:
            self.multiple = ApanetConfig.from_json(metadata[CONFIG_KEY]).multiple
        except ConfigError as error:
            raise CheckpointError(f"Cannot load {path}: {error}") from error
        self.description = f"ONNX Runtime {runtime.__version__}"

    def derain(
        self, left: ByteImage, right: ByteImage, mark: Mark = unmarked
    ) -> tuple[ByteImage, ByteImage]:
        """Derain uint8 RGB `[H,W,3]` views; see `Backend.derain`."""
        feed = {"left": _to_float(left), "right": _to_float(right)}
        mark("upload")
        derained = self._session.run(None, feed)
        mark("network")
        left, right = (_to_bytes(view) for view in derained)
        mark("download")
        return left, right


def _import_runtime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendError(
            "ONNX Runtime is not installed: pip install 'apanet_ros[onnx]' (or [onnx-gpu])."
        ) from error
    return onnxruntime


def _choose(device: str, available: list[str]) -> tuple[str, str | tuple[str, dict[str, str]]]:
    """Return the device, and the execution provider for it."""
    here = [name for name, provider in _PROVIDERS.items() if provider in available]
    name, _, number = (here[0] if device == "auto" else device).partition(":")
    if name not in here or (number and (name == "cpu" or not number.isdigit())):
        raise BackendError(
            f"ONNX Runtime has no device {device!r} here; valid: auto, {', '.join(here)}."
        )
    if name == "cpu":
        return name, _PROVIDERS[name]
    number = number or "0"
    return f"cuda:{number}", (_PROVIDERS[name], {"device_id": number})


def _to_float(image: ByteImage) -> NDArray[np.float32]:
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)
    planes /= 255
    return planes


def _to_bytes(image: NDArray[np.float32]) -> ByteImage:
    pixels = np.rint(image[0].clip(0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(pixels.transpose(1, 2, 0))
