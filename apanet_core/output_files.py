"""Output that is either whole or absent: written aside, then renamed into place."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path

from apanet_core.errors import ConfigError

_ESCAPED = re.compile(r"\[([*?[])\]")
"""What `glob.escape` makes of a character that patterns use."""


def refuse_existing(target: Path, force: bool, names: Iterable[str] | None = None) -> None:
    """Raise `ConfigError` when `target` exists and may not be replaced, or lies below a file.

    Args:
        target: the output.
        force: replace what is there, unless `refuse_foreign` refuses it.
        names: for `refuse_foreign`; `None`: what a folder holds is not looked at.
    """
    if target.exists() and not force:
        raise ConfigError(f"{target} exists; give another output, or --force to replace it.")
    for above in target.parents:
        if above.exists():
            if not above.is_dir():
                raise ConfigError(f"{target} would lie below {above}, a file; give another output.")
            break
    if names is not None:
        refuse_foreign(target, names)


def refuse_inputs(target: Path, inputs: Iterable[Path]) -> None:
    """Raise `ConfigError` when `target` is one of the inputs, holds one or lies in one.

    Also with --force: what is read would be replaced, or the output be read.
    """
    InputPlaces(inputs).refuse(target)


class InputPlaces:
    """Where inputs lie, looked up once for any number of outputs."""

    def __init__(self, inputs: Iterable[Path]) -> None:
        self._read: dict[Path, Path] = {}
        self._above: dict[Path, Path] = {}
        for path in inputs:
            # A link is lost with the folder that it lies in, wherever it leads.
            for place in (path.resolve(), path.parent.resolve() / path.name):
                self._read.setdefault(place, path)
                for folder in place.parents:
                    self._above.setdefault(folder, path)

    def refuse(self, target: Path) -> None:
        """Raise `ConfigError` when `target` is an input, holds one or lies in one."""
        place = target.resolve()
        around = (self._read[folder] for folder in place.parents if folder in self._read)
        for relation, path in (
            ("is", self._read.get(place)),
            ("holds", self._above.get(place)),
            ("lies in", next(around, None)),
        ):
            if path is not None:
                raise ConfigError(f"{target} {relation} the input {path}; give another output.")


def refuse_foreign(target: Path, names: Iterable[str]) -> None:
    """Raise `ConfigError` when the folder `target` holds what the new output would not replace.

    Args:
        target: to be replaced; anything but a folder is as its caller wants it.
        names: patterns of what such an output holds directly, as `fnmatch` knows them.
    """
    if not target.is_dir():
        return
    plain, patterns = _plain_and_patterns(names)
    for entry in sorted(target.iterdir()):
        if entry.name not in plain and not any(fnmatchcase(entry.name, each) for each in patterns):
            raise ConfigError(
                f"{target} holds {entry.name}, which the new output does not: move it away, or "
                "give another output."
            )


def _plain_and_patterns(names: Iterable[str]) -> tuple[set[str], list[str]]:
    """Part names that stand for themselves, of which there can be as many as files, from others."""
    plain, patterns = set(), []
    for name in names:
        itself = _ESCAPED.sub(r"\1", name)
        if escape(itself) == name:
            plain.add(itself)
        else:
            patterns.append(name)
    return plain, patterns


def move_into_place(result: Path, target: Path, old: Path, names: Iterable[str] = ()) -> None:
    """Rename `result` to `target`, and what is there to `old`, unless something foreign is in it.

    Args:
        result: a file or folder, whole.
        target: its place.
        old: where to put what is there, for the caller to remove.
        names: patterns of what the replaced folder may hold beside the names in `result`.

    Raises:
        ConfigError: as `refuse_foreign`; nothing was renamed.
    """
    made = [escape(path.name) for path in result.iterdir()] if result.is_dir() else []
    refuse_foreign(target, [*names, *made])
    if target.exists():
        target.rename(old)
    try:
        result.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


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
def written_aside(target: Path, force: bool = False, names: Iterable[str] = ()) -> Iterator[Path]:
    """Yield a path of the same name in a fresh folder beside `target`; rename it there at the end.

    An error inside the `with` block leaves `target` as it was. What is written may be a file or a
    folder.

    Args:
        target: the output.
        force: replace what is there, but no folder that holds more than the new one.
        names: patterns of what the replaced folder may hold beside the names in the new one.

    Raises:
        ConfigError: `target` exists and `force` is false, or as `refuse_foreign`.
    """
    refuse_existing(target, force)
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        result = workshop / target.name
        yield result
        move_into_place(result, target, workshop / f"{target.name}.replaced", names)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
