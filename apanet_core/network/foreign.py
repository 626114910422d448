"""Weights of networks that are not ours, by the names that others gave them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from apanet_core.errors import CheckpointError
from apanet_core.weights.impostors import impostor


def read_weights(path: Path) -> dict[str, Any]:
    """Read a state dict from `.pth` or `.safetensors`. Nothing in the file is ever executed.

    Raises:
        CheckpointError: "it is ..." - a clause about the file, which the message does not name.
    """
    if found := impostor(path):
        raise CheckpointError(found)
    try:
        content = (
            load_file(path)
            if path.suffix.lower() == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    # A foreign or damaged file can end in any error at all; weights_only refuses all but data.
    except Exception as error:
        raise CheckpointError("it is no whole file of weights") from error
    if not isinstance(content, dict):
        raise CheckpointError("it holds no table of weights")
    return content


def fitting_weights(
    content: Mapping[str, Any], names: Mapping[str, str], expected: Mapping[str, Tensor], kind: str
) -> dict[str, Tensor]:
    """Return the weights that a module expects, in float32 and by its own names.

    Args:
        content: the file's.
        names: what the file calls them, by the module's names.
        expected: the module's state dict.
        kind: what it is, for messages.

    Raises:
        CheckpointError: "it lacks ..." or "its ... is ..." - a clause about the file.
    """
    return {name: _weights(content, names[name], expected[name], kind) for name in names}


def _weights(content: Mapping[str, Any], name: str, expected: Tensor, kind: str) -> Tensor:
    found = content.get(name)
    if not isinstance(found, Tensor):
        raise CheckpointError(f"it lacks the weights {name}")
    if found.shape != expected.shape:
        raise CheckpointError(
            f"its {name} is {list(found.shape)} where {kind} has {list(expected.shape)}"
        )
    return found.float()
