"""Output that is either whole or absent: written aside, then renamed into place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apanet_core.errors import ConfigError


def refuse_existing(target: Path, force: bool) -> None:
    """Raise `ConfigError` when `target` exists and may not be replaced, or lies below a file."""
    if target.exists() and not force:
        raise ConfigError(f"{target} exists; give another output, or --force to replace it.")
    for above in target.parents:
        if above.exists():
            if not above.is_dir():
                raise ConfigError(f"{target} would lie below {above}, a file; give another output.")
            break


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Yield `target` with `.part` added; what is written there takes the file's place at the end.

    An error inside the `with` block, a full disk or a kill leave `target` as it was.
    """
    aside = target.with_name(target.name + ".part")
    try:
        yield aside
        aside.replace(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


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
