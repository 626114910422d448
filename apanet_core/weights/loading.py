"""Does a weights file load? As far as that can be told on this machine."""

from __future__ import annotations

from pathlib import Path

from apanet_core.weights.description import check_values, describe
from apanet_core.weights.folders import SUFFIX


def check_loads(path: Path) -> str:
    """Load a weights file and return how far that went, in words.

    Without torch a `.safetensors` is read whole, but not compared with what its settings make.

    Raises:
        CheckpointError: it is no whole APANet; the message names it.
        ModuleNotFoundError: torch is not installed and this is no `.safetensors`.
    """
    try:
        from apanet_core.network.checkpoint import load_model
    except ModuleNotFoundError as error:
        if error.name != "torch" or path.suffix.lower() != SUFFIX:
            raise
        describe(path)
        check_values(path)
        return "whole and finite; loading it needs torch, which is not installed"
    load_model(path)
    return "loads"
