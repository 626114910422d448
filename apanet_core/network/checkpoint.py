"""Weights files in and out: ours (`.safetensors`) and the paper's released ones (`.pth`)."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.network.apanet import APANet
from apanet_core.network.config import CONFIG_KEY, ApanetConfig
from apanet_core.network.released import from_released, released_config, table_of_weights
from apanet_core.output_files import replaced
from apanet_core.weights import resolve_weights
from apanet_core.weights.folders import SUFFIX, TORCH_SUFFIXES
from apanet_core.weights.impostors import impostor


def load_model(source: str | Path, device: str | torch.device = "cpu") -> APANet:
    """Load an APANet in float32, ready for inference.

    Args:
        source: name of shipped weights (`"tiny"`), path of a `.safetensors` file written by
            `save_model`, or path of a released checkpoint (`.pth`, `.pt`, `.ckpt`), also one that
            another training wrapped; see `table_of_weights`. Nothing in a file is ever executed.
        device: torch device to put it on.

    Raises:
        CheckpointError: the name is unknown, or the file is missing, truncated, foreign or does
            not match its own configuration. The message names the file.
    """
    path = resolve_weights(source)
    try:
        config, state = _read(path)
        model = APANet(config)
        _check_tensors(state, model.state_dict())
    except (CheckpointError, ConfigError) as error:
        raise CheckpointError(f"Cannot load {path}: {_clause(error)}.") from error
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return model.to(device).eval()


def save_model(
    model: APANet,
    path: str | Path,
    dtype: torch.dtype = torch.float32,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write weights and configuration as `.safetensors`, aside first and then renamed.

    Args:
        model: the network.
        path: the file to write; an earlier one stays whole until the new one is.
        dtype: float type to store.
        metadata: further text to keep in the file, for example where the weights come from.
    """
    path = Path(path)
    state = {name: tensor.to(dtype).contiguous() for name, tensor in model.state_dict().items()}
    with replaced(path) as aside:
        # As bytes: safetensors' own file writing makes files that only their owner can read.
        aside.write_bytes(save(state, {**(metadata or {}), CONFIG_KEY: model.config.to_json()}))


def _read(path: Path) -> tuple[ApanetConfig, dict[str, Tensor]]:
    if found := impostor(path):
        raise CheckpointError(found)
    suffix = path.suffix.lower()
    if suffix == SUFFIX:
        return _read_safetensors(path)
    if suffix in TORCH_SUFFIXES:
        return _read_released(path)
    endings = ", ".join((SUFFIX, *TORCH_SUFFIXES))
    raise CheckpointError(f"its ending is {path.suffix!r}; APANet weights end in {endings}")


def _read_safetensors(path: Path) -> tuple[ApanetConfig, dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"it is no whole safetensors file ({error})") from error
    if CONFIG_KEY not in metadata:
        raise CheckpointError(f"its metadata has no {CONFIG_KEY}, so it is not an APANet")
    return ApanetConfig.from_json(metadata[CONFIG_KEY]), state


def _read_released(path: Path) -> tuple[ApanetConfig, dict[str, Tensor]]:
    # Anything can be wrong inside a foreign pickle; weights_only refuses whatever is not data.
    try:
        with torch.serialization.safe_globals(_numpy_number_types()):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError("it holds more than weights and was not loaded") from error
    except Exception as error:
        raise CheckpointError(f"it is no whole torch checkpoint ({_first_line(error)})") from error
    net = table_of_weights(content)
    config = released_config(net)
    return config, from_released(net, APANet(config).state_dict())


def _numpy_number_types() -> list[Any]:
    """What a NumPy number in a pickle is made of: `best_psnr` or an epoch may be one."""
    make_number = np.float64(0).__reduce__()[0]
    # NumPy 2 renamed the module, and files of either must load.
    names = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
    kinds = {type(np.dtype(kind)) for kind in "?bBhHiIlLqQefdSU"}
    return [*((make_number, name) for name in names), np.dtype, *kinds]


def _check_tensors(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    for name in sorted(set(state) ^ set(expected)):
        wrong = "is missing" if name in expected else "is not part of its configuration"
        raise CheckpointError(f"tensor {name} {wrong}")
    for name, tensor in expected.items():
        if state[name].shape != tensor.shape:
            raise CheckpointError(
                f"tensor {name} is {list(state[name].shape)}, its configuration "
                f"makes it {list(tensor.shape)}"
            )
        if not torch.isfinite(state[name]).all():
            raise CheckpointError(f"tensor {name} holds values that are not finite")


def _clause(error: Exception) -> str:
    return str(error).removesuffix(".")


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0] or type(error).__name__
