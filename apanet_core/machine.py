"""Where a measurement was made: processor, versions, and the commit of this package."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

from apanet_core.cores import usable_cores


def describe_machine() -> str:
    """Return processor, usable cores, system and Python in one line."""
    python = f"Python {platform.python_version()}"
    cores = f"{usable_cores()} cores"
    return f"{_processor()}, {cores}, {platform.system()} {platform.machine()}, {python}"


def describe_commit() -> str:
    """Return this package's git commit, with "+" when files were changed; else "not in git"."""
    commit = _git("rev-parse", "--short", "HEAD")
    # A package installed below somebody else's repository is not part of that one.
    if not commit or not _git("ls-files", Path(__file__).name):
        return "not in git"
    return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _git(*arguments: str) -> str:
    folder = Path(__file__).parent
    try:
        result = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return result.stdout.strip()
