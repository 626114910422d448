from __future__ import annotations

import fcntl
import os
from pathlib import Path

from apanet_ros.abandoned_memory import remove_abandoned_segments


def segment(folder: Path, name: str, seconds_old: float = 100.0) -> Path:
    """Lay a segment down as Fast DDS does, with the file its owner locks."""
    path = folder / name
    path.write_bytes(bytes(100))
    (folder / f"{name}_el").touch()
    then = path.stat().st_mtime - seconds_old
    os.utime(path, (then, then))
    return path


def test_what_nobody_owns_any_more_goes_with_its_lock(tmp_path: Path) -> None:
    segment(tmp_path, "fastdds_0123456789abcdef")
    segment(tmp_path, "fastrtps_0123456789abcdef")
    assert remove_abandoned_segments(tmp_path) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_a_living_process_owns_stays(tmp_path: Path) -> None:
    path = segment(tmp_path, "fastdds_0123456789abcdef")
    with path.with_name(f"{path.name}_el").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert remove_abandoned_segments(tmp_path) == 0
    assert path.exists()


def test_what_was_made_just_now_stays_since_its_owner_may_be_about_to_lock_it(
    tmp_path: Path,
) -> None:
    segment(tmp_path, "fastdds_0123456789abcdef", seconds_old=0.0)
    assert remove_abandoned_segments(tmp_path) == 0


def test_nothing_else_is_touched(tmp_path: Path) -> None:
    for name in ("fastdds_port7411", "fastdds_0123", "sem.fastdds_port7411_mutex", "other"):
        segment(tmp_path, name)
    (tmp_path / "fastdds_0123456789abcdef").touch()
    assert remove_abandoned_segments(tmp_path) == 0
    assert remove_abandoned_segments(tmp_path / "nowhere") == 0
