"""Which backend runs a source, and its loading."""

from __future__ import annotations

from pathlib import Path

from apanet_core.errors import BackendError
from apanet_core.runtime.backend import Backend
from apanet_core.runtime.options import AUTO, RuntimeOptions
from apanet_core.weights import resolve_weights


def load_backend(source: str | Path, options: RuntimeOptions) -> Backend:
    """Load a network into the backend that runs it.

    Args:
        source: as `StereoDerainer` takes it.
        options: the choices; backend `auto` is `onnx` for `.onnx` files and `torch` for weights.

    Raises:
        CheckpointError: the weights are unknown, missing, damaged or foreign.
        BackendError: what was chosen is not available here, or does not fit the source.
    """
    exported = Path(source).suffix.lower() == ".onnx"
    if options.backend not in (AUTO, "onnx" if exported else "torch"):
        remedy = (
            "give .safetensors or .pth" if exported else "write an .onnx with `apanet export` first"
        )
        raise BackendError(f"The backend {options.backend} does not run {source}: {remedy}.")
    return _load_onnx(source, options) if exported else _load_torch(source, options)


def _load_onnx(source: str | Path, options: RuntimeOptions) -> Backend:
    if options.tiled:
        raise BackendError(f"{source} derains whole pictures only: give .safetensors or .pth.")
    from apanet_core.runtime.onnx_backend import OnnxBackend

    return OnnxBackend(resolve_weights(source), options)


def _load_torch(source: str | Path, options: RuntimeOptions) -> Backend:
    try:
        from apanet_core.network.checkpoint import load_model
        from apanet_core.runtime.devices import resolve_device
        from apanet_core.runtime.forked import settle_after_fork
        from apanet_core.runtime.torch_backend import TorchBackend
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise BackendError(
            "torch is not installed: pip install 'apanet_ros[torch]', or give an .onnx file that "
            "`apanet export` wrote on another machine."
        ) from error
    device = resolve_device(options.device)
    settle_after_fork(device)
    model = load_model(source, device)
    model.skip_negligible_attention()
    return TorchBackend(model, options)
