"""Where weights lie: in the package, and in the user's own folder."""

from __future__ import annotations

import os
from pathlib import Path

SUFFIX = ".safetensors"

TORCH_SUFFIXES = (".pth", ".pt", ".ckpt")
"""Endings of what `torch.save` writes, in small letters; any case is taken."""

SHIPPED_FOLDER = Path(__file__).parent


def user_folder() -> Path:
    """Return the folder of imported weights, which need not exist.

    `$APANET_WEIGHTS`, or `apanet/weights` in `$XDG_DATA_HOME`, or in `~/.local/share`.
    """
    if chosen := os.environ.get("APANET_WEIGHTS"):
        return Path(chosen)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "apanet" / "weights"


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped weights, sorted."""
    return _names_in(SHIPPED_FOLDER)


def imported_names() -> tuple[str, ...]:
    """Return the names of the imported weights, sorted; a shipped name is not among them."""
    return tuple(name for name in _names_in(user_folder()) if name not in shipped_names())


def _names_in(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob(f"*{SUFFIX}")))
