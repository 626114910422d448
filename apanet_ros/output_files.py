"""Output that is either whole or absent: written aside, then renamed into place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apanet_core.errors import ConfigError


def refuse_existing(target: Path, force: bool) -> None:
    """Raise `ConfigError` when `target` exists and may not be replaced."""
    if target.exists() and not force:
        raise ConfigError(f"{target} exists; give another output, or --force to replace it.")


@contextmanager
def written_aside(target: Path, force: bool = False) -> Iterator[Path]:
    """Yield a path of the same name in a fresh folder beside `target`; rename it there at the end.

    An error inside the `with` block leaves `target` as it was. What is written may be a file or a
    folder. Raises `ConfigError` when `target` exists and `force` is false.
    """
    refuse_existing(target, force)
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield workshop / target.name
        if target.exists():
            target.rename(workshop / f"{target.name}.replaced")
        (workshop / target.name).rename(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
