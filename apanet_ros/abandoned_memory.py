"""Takes shared memory back that killed processes left behind: 16 MiB of each, until a reboot."""

from __future__ import annotations

import fcntl
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# What Fast DDS 3 and 2 call a participant's segment. Beside each lies a file that its owner keeps
# locked for as long as it lives.
_SEGMENT = re.compile(r"(fastdds|fastrtps)_[0-9a-f]{16}")
_LOCK_SUFFIX = "_el"
YOUNG_SECONDS = 2.0
"""An owner that is about to lock its file is no dead one: younger segments are left alone."""


def remove_abandoned_segments(folder: Path) -> int:
    """Remove the segments of Fast DDS in `folder` whose owners are gone; return how many.

    What belongs to others and may not be removed stays.
    """
    return sum(_remove_if_abandoned(segment) for segment in list(_segments(folder)))


def _segments(folder: Path) -> Iterator[Path]:
    for path in folder.glob("fast*_*"):
        if _SEGMENT.fullmatch(path.name):
            yield path


def _remove_if_abandoned(segment: Path) -> bool:
    lock = segment.with_name(segment.name + _LOCK_SUFFIX)
    with suppress(OSError), lock.open("r") as file:
        if time.time() - segment.stat().st_mtime < YOUNG_SECONDS:
            return False
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        segment.unlink()
        lock.unlink()
        return True
    return False
