"""SHA-256 of weights files, and the list of those that ship."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.weights.folders import SHIPPED_FOLDER

LIST = SHIPPED_FOLDER / "SHA256SUMS"
"""Written by `sha256sum *.safetensors > SHA256SUMS` in its folder."""

CHUNK_BYTES = 1 << 20


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 lower-case hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def shipped_hash(path: Path) -> str | None:
    """Return the listed hash of a shipped file; `None` for any other file."""
    return read_list(LIST).get(path.name) if path.parent == SHIPPED_FOLDER else None


def read_list(path: Path) -> dict[str, str]:
    """Return the hashes by file name in a list as `sha256sum` writes it."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {name.removeprefix("*"): digest for digest, name in lines}


def check_hash(path: Path, expected: str) -> None:
    """Compare a file with a hash of 64 hexadecimal digits.

    Raises:
        ConfigError: `expected` is no such hash.
        CheckpointError: the file has another one; the message names both.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{64}", expected):
        raise ConfigError(f"A SHA-256 has 64 hexadecimal digits; {expected!r} is none.")
    found = sha256(path)
    if found != expected.lower():
        raise CheckpointError(
            f"{path} has the SHA-256 {found}, not {expected.lower()}: it is damaged or another "
            "file; fetch it again."
        )
