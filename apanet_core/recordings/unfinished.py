"""Long work that goes on where it was interrupted, and whose output is either whole or absent."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apanet_core.errors import ConfigError
from apanet_core.output_files import move_into_place, refuse_existing, replaced

RESULT = "result"
_JOB = "job.json"
_STATE = "state.json"
_LOCK = "lock"


class WorkFolder:
    """The hidden folder beside an output in which it is made.

    Attributes:
        path: the folder.
        result: what becomes the output at the end; a file or a folder that the work makes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.result = path / RESULT

    def load_state(self) -> dict[str, Any] | None:
        """Return what was last saved, also by an interrupted run; None when nothing was."""
        state = self.path / _STATE
        return json.loads(state.read_text()) if state.exists() else None

    def save_state(self, state: dict[str, Any]) -> None:
        """Remember how far the work is; from now on it is kept when it is interrupted."""
        with replaced(self.path / _STATE) as aside:
            aside.write_text(json.dumps(state))

    def discard(self) -> None:
        """Forget the state: an error that the same run would meet again leaves nothing behind."""
        (self.path / _STATE).unlink(missing_ok=True)


def work_folder_of(target: Path) -> Path:
    """Return where the unfinished work on `target` lies."""
    return target.with_name(f".{target.name}.unfinished")


@contextmanager
def unfinished(
    target: Path, job: dict[str, Any], force: bool = False, names: Sequence[str] = ()
) -> Iterator[WorkFolder]:
    """Yield the work folder of `target`, as an interrupted run of the same job left it.

    At the end its result takes the place of `target`. An error inside the `with` block keeps the
    folder where a state was saved, else removes it.

    Args:
        target: the output, a file or a folder.
        job: what would give the same output, as JSON knows it: inputs, model and settings.
        force: replace an existing output, and throw away unfinished work of another job.
        names: patterns of all that the output holds, where it is a folder; a folder that holds
            more is not replaced.

    Raises:
        ConfigError: the output exists or holds something else, another process works on it, or
            unfinished work is of another job.
    """
    refuse_existing(target, force, names)
    folder = WorkFolder(work_folder_of(target))
    folder.path.mkdir(parents=True, exist_ok=True)
    with (folder.path / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"Another process is writing {target}: wait for its end.") from None
        _begin(folder, target, job, force)
        try:
            yield folder
        except BaseException:
            if folder.load_state() is None:
                shutil.rmtree(folder.path, ignore_errors=True)
            raise
        move_into_place(folder.result, target, folder.path / "replaced", names)
        shutil.rmtree(folder.path)


def identity_of(paths: Sequence[Path]) -> list[list[Any]]:
    """Return name, size and time of change of files, and of the files directly in folders."""
    files = [
        file
        for path in paths
        for file in (sorted(path.iterdir()) if path.is_dir() else [path])
        if file.is_file()
    ]
    described = ((file, file.stat()) for file in files)
    return [[str(file.resolve()), stat.st_size, stat.st_mtime_ns] for file, stat in described]


def _begin(folder: WorkFolder, target: Path, job: dict[str, Any], force: bool) -> None:
    """Take up the work of an earlier run of this job, or begin."""
    wanted = json.dumps(job, sort_keys=True)
    found = folder.path / _JOB
    if found.exists() and found.read_text() != wanted:
        if folder.load_state() is not None and not force:
            raise ConfigError(
                f"{target} was begun with another input, model or settings: give those to go on, "
                "or --force to begin anew."
            )
        for path in folder.path.iterdir():
            if path.name != _LOCK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    found.write_text(wanted)
