"""What a file is that is taken for a rosbag2 and is none."""

from __future__ import annotations

import struct
from pathlib import Path

MCAP_MAGIC = b"\x89MCAP0\r\n"
SQLITE_MAGIC = b"SQLite format 3\0"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_CONVERT = "convert it with `rosbags-convert --src {path} --dst NEW_FOLDER`."


def foreign_kind(path: Path) -> str:
    """Return what a file is and what to do, as the end of a sentence; empty for a rosbag2's."""
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"#ROSBAG V"):
        return "is a ROS 1 bag: " + _CONVERT.format(path=path)
    if start.startswith(MCAP_MAGIC) and _mcap_profile(start) == "ros1":
        return "is an MCAP of ROS 1: " + _CONVERT.format(path=path)
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the recording itself: fetch it with `git lfs pull`."
    if start.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "is a web page, not a recording: download it anew."
    if start.startswith(ZSTD_MAGIC) and path.suffix != ".zstd":
        return f"is compressed: add .zstd to its name, or unpack it with `zstd -d {path}`."
    return ""


def _mcap_profile(start: bytes) -> str:
    """Return the profile of an MCAP's header record."""
    begin = len(MCAP_MAGIC) + 9  # opcode and length of the record
    (length,) = struct.unpack_from("<I", start, begin) if len(start) >= begin + 4 else (0,)
    return start[begin + 4 : begin + 4 + length].decode("utf-8", "replace")
