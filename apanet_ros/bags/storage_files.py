"""The storage files of a bag, opened as they are: metadata.yaml beside them is only a hint.

People edit metadata.yaml, tools write it wrongly, and what it says of topics and qualities of
service is in the files too.
"""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import lru_cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from rosbags.interfaces import Connection
from rosbags.rosbag2 import Reader

from apanet_ros.bags.file_kind import ZSTD_MAGIC, foreign_kind
from apanet_ros.errors import BagError

# What Python has itself from 3.14 on.
zstd: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

METADATA = "metadata.yaml"
COMPRESSED = ".zstd"
STORAGES = (".mcap", ".db3")
SPECIAL = frozenset("#?%")
"""Characters that SQLite takes for parts of an address."""

_log = logging.getLogger(__name__)


def open_storage_files(bag: Path, stack: ExitStack) -> list[Reader]:
    """Open the storage files of a bag, in their order.

    Args:
        bag: its folder, or a single file.
        stack: closes the files, and removes copies that had to be made.

    Raises:
        BagError: a file is of another kind; the message names it and the way on.
        FileNotFoundError: there is no such bag, or its folder holds nothing of one.
        Exception: of the libraries, where a file is damaged.
    """
    paths = storage_paths(bag)
    readers = [stack.enter_context(Reader(_readable(path, stack))) for path in paths]
    for path, reader in zip(paths, readers, strict=True):
        _require_cdr(path, reader.connections)
    compressed = any(path.suffix == COMPRESSED for path in paths)
    if (bag / METADATA).exists() and not compressed and (difference := _difference(bag, readers)):
        _warn_once(difference)
    return readers


def storage_paths(bag: Path) -> list[Path]:
    """Return the storage files: those that metadata.yaml lists, else all that are there."""
    if not bag.is_dir():
        if not bag.exists():
            raise FileNotFoundError(bag)
        return [bag]
    there = sorted((file for file in bag.iterdir() if is_storage(file)), key=_by_number)
    if not (bag / METADATA).exists():
        if not there:
            raise FileNotFoundError(bag / METADATA)
        _warn_once(
            f"{bag} has no {METADATA}, so its recording was never finished: it is read so far."
        )
        return there
    listed = _listed(bag)
    missing = [name for name in listed if not (bag / name).exists()]
    if missing and there:
        raise BagError(
            f"{bag} lacks {missing[0]}, which its metadata.yaml lists: copy the bag anew, or "
            "remove that line to read the rest."
        )
    if not listed and not there:
        raise BagError(f"{bag} holds no storage file (.mcap or .db3): copy the bag anew.")
    return [bag / name for name in listed] or there


def is_storage(file: Path) -> bool:
    """Whether a file is named as rosbag2 names its storage files."""
    name = file.with_suffix("") if file.suffix == COMPRESSED else file
    return name.suffix in STORAGES


def _listed(bag: Path) -> list[str]:
    try:
        about: Any = yaml.safe_load((bag / METADATA).read_text(encoding="utf-8"))
        names = about["rosbag2_bagfile_information"]["relative_file_paths"]
        return [Path(name).name for name in names]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        return []


def _by_number(file: Path) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", file.name)]


def _readable(path: Path, stack: ExitStack) -> Path:
    """Return a path from which the libraries read a file whole: itself, a link or a copy."""
    if kind := foreign_kind(path):
        raise BagError(f"{path} {kind}")
    log = path.with_name(path.name + "-wal")
    whole = not (log.exists() and log.stat().st_size)
    if whole and path.suffix != COMPRESSED and not SPECIAL & set(str(path)):
        return path
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="apanet_bag_")))
    try:
        if path.suffix == COMPRESSED:
            return _decompressed(path, folder)
        if not whole:
            return _with_log(path, log, folder)
    except OSError as error:
        raise BagError(
            f"{path} needs a copy in {folder.parent}, which failed ({error.strerror}): free space "
            f"there, or name another folder with TMPDIR.{_how_to_merge(path, whole)}"
        ) from error
    link = folder / f"bag{path.suffix}"
    link.symlink_to(path.absolute())
    return link


def unpacked(data: bytes) -> bytes:
    """Return a message; rosbag2 may compress each one, and no CDR begins as Zstandard does."""
    return bytes(zstd.decompress(data) if data[:4] == ZSTD_MAGIC else data)


def _decompressed(path: Path, folder: Path) -> Path:
    target = folder / path.stem
    with zstd.open(path, "rb") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    return target


def _with_log(path: Path, log: Path, folder: Path) -> Path:
    """Copy a database with the write-ahead log of a recording that was cut off, and merge them."""
    target = folder / "bag.db3"
    for source, end in ((path, ""), (log, "-wal")):
        shutil.copyfile(source, folder / f"bag.db3{end}")
    try:
        with sqlite3.connect(target) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode=DELETE")
        database.close()
    except sqlite3.Error:
        _warn_once(
            f"{log} holds messages that cannot be merged into the bag and are left out."
            f"{_how_to_merge(path, False)}"
        )
    return target


def _how_to_merge(path: Path, whole: bool) -> str:
    if whole:
        return ""
    return f" `sqlite3 {path} 'PRAGMA wal_checkpoint(TRUNCATE)'` merges the log where the bag lies."


def _require_cdr(path: Path, connections: Sequence[Connection]) -> None:
    for connection in connections:
        form = getattr(connection.ext, "serialization_format", "cdr")
        if form != "cdr":
            raise BagError(
                f"{path} holds messages of {connection.topic} that are serialised as {form!r}, and "
                "only cdr can be read: record with a middleware whose messages are cdr, or convert "
                "it with `ros2 bag convert`."
            )


def _difference(bag: Path, readers: Sequence[Reader]) -> str:
    """Say in what metadata.yaml and the storage files differ, if they do."""
    ours = _counts(reader.connections for reader in readers)
    qualities = {each.topic: each.ext for reader in readers for each in reader.connections}
    try:
        with Reader(bag) as hint:
            theirs = _counts([hint.connections])
            edited = {
                each.topic for each in hint.connections if qualities.get(each.topic) != each.ext
            }
    except Exception as error:  # of whatever library reads it
        reason = str(error).split("\n", 1)[0].rstrip(".")
        return f"{bag / METADATA} cannot be used ({reason}); the storage files are read without it."
    unlike = sorted({name for name, _ in dict(ours.items() ^ theirs.items())} | edited, key=str)
    if not unlike:
        return ""
    return (
        f"{bag / METADATA} differs from the storage files about {unlike[0]}"
        f"{f' and {len(unlike) - 1} more' if unlike[1:] else ''}; what the files hold counts."
    )


def _counts(files: Iterable[Sequence[Connection]]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in chain.from_iterable(files):
        counts[each.topic, each.msgtype] += each.msgcount
    return counts


@lru_cache(maxsize=100)
def _warn_once(sentence: str) -> None:
    _log.warning(sentence)
