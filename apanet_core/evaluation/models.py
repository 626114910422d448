"""Models as methods: loaded, and with their size and work counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from apanet_core.errors import ConfigError
from apanet_core.evaluation.method import INPUT, Method
from apanet_core.network.config import CONFIG_KEY, ApanetConfig
from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.runtime.onnx_runtime import import_onnx_runtime
from apanet_core.runtime.options import AUTO
from apanet_core.runtime.waiting_threads import let_waiting_threads_sleep
from apanet_core.weights import resolve_weights
from apanet_core.weights.description import describe

COUNTED_SIDE_PX = 128
"""The paper counts the work for one pair of this side."""


def load_models(
    sources: Sequence[str],
    device: str,
    tiled: bool,
    taken: Sequence[str] = (),
    precision: str = "float32",
    veil_removal: float = 1.0,
) -> list[Method]:
    """Load models, each named as it was given.

    Args:
        sources: names of weights or paths, as `StereoDerainer` takes them.
        device, tiled: as `StereoDerainer` takes them.
        taken: names that other rows of the table have.
        precision: as `StereoDerainer` takes it; an exported file keeps its own.
        veil_removal: as `StereoDerainer` takes it.

    Raises:
        ConfigError: two have one name, or one that is taken; or `veil_removal` is refused, see
            `StereoDerainer`.
        CheckpointError, BackendError: as `StereoDerainer`.
    """
    names = [INPUT, *taken]
    for source in sources:
        if source in names:
            raise ConfigError(f"{source!r} names two rows of the table: give it once, or by path.")
        names.append(source)
    let_waiting_threads_sleep()
    return [_load(source, device, tiled, precision, veil_removal) for source in sources]


def _load(source: str, device: str, tiled: bool, precision: str, veil_removal: float) -> Method:
    if resolve_weights(source).suffix.lower() == ".onnx":
        precision = AUTO
    derainer = StereoDerainer(
        source, device, tiled, precision=precision, veil_removal=veil_removal, bits=16
    )
    parameters, gmacs = count_work(source)
    return Method(source, derainer.derain, derainer.description, parameters=parameters, gmacs=gmacs)


def count_work(source: str) -> tuple[int | None, float | None]:
    """Return parameters and GMACs of a model for a pair of 128 x 128 pixels.

    Of a network without settings in its file, or without torch to count with, they are `None`.
    """
    config = _settings(resolve_weights(source))
    if config is None:
        return None, None
    try:
        from apanet_core.benchmark.complexity import complexity
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        return None, None
    work = complexity(config, COUNTED_SIDE_PX, COUNTED_SIDE_PX)
    return work.parameters, work.macs_stored / 1e9


def _settings(path: Path) -> ApanetConfig | None:
    if path.suffix.lower() == ".onnx":
        session = import_onnx_runtime().InferenceSession(path, providers=["CPUExecutionProvider"])
        written = session.get_modelmeta().custom_metadata_map.get(CONFIG_KEY)
        return ApanetConfig.from_json(written) if written else None
    if path.suffix.lower() == ".safetensors":
        return describe(path).config
    from apanet_core.network.checkpoint import load_model

    return load_model(path).config
