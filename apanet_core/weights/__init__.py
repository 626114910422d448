"""The weights that ship with the package, and how a name or path becomes a file."""

from __future__ import annotations

from pathlib import Path

from apanet_core.errors import CheckpointError

_FOLDER = Path(__file__).parent


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped weights, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.safetensors")))


def resolve_weights(source: str | Path) -> Path:
    """Return the file of a shipped name or a path.

    Raises:
        CheckpointError: it is neither; the message lists the shipped names.
    """
    if str(source) in shipped_names():
        return _FOLDER / f"{source}.safetensors"
    path = Path(source)
    if not path.is_file():
        raise CheckpointError(
            f"No weights {str(source)!r}: give a path to a .safetensors, .pth or .onnx file, or a "
            f"shipped name ({', '.join(shipped_names()) or 'none here'})."
        )
    return path
