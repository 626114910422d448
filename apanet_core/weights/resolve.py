"""How a name or path becomes a file."""

from __future__ import annotations

from pathlib import Path

from apanet_core.errors import CheckpointError
from apanet_core.name_list import name_list
from apanet_core.weights.folders import (
    SHIPPED_FOLDER,
    SUFFIX,
    imported_names,
    shipped_names,
    user_folder,
)


def resolve_weights(source: str | Path) -> Path:
    """Return the file of a shipped name, of an imported one or at a path, in this order.

    Raises:
        CheckpointError: it is none of them; the message lists the names of both kinds.
    """
    if str(source) in shipped_names():
        return SHIPPED_FOLDER / f"{source}{SUFFIX}"
    if str(source) in imported_names():
        return user_folder() / f"{source}{SUFFIX}"
    path = Path(source)
    if not path.is_file():
        raise CheckpointError(
            f"No weights {str(source)!r}: give a path to a .safetensors, .pth or .onnx file, a "
            f"shipped name ({name_list(shipped_names()) or 'none here'}) or one that `apanet "
            f"weights import` made ({name_list(imported_names()) or 'none yet'})."
        )
    return path
