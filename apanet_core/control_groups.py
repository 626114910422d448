"""What Linux lets this process take of the machine: limits of its control groups, v1 and v2.

Containers have such limits, and neither the count of cores nor that of free bytes tells them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_INACTIVE = ("total_inactive_file", "inactive_file")
"""In v1 with the groups below, and in v2: pages of files that the kernel gives up at once."""


@dataclass(frozen=True)
class ControlGroups:
    """The control groups of a process.

    Attributes:
        process: its folder of /proc.
    """

    process: Path = Path("/proc/self")

    def cores(self) -> float:
        """Return how many cores' time the process may take; infinity where nothing limits it."""
        return min(map(_cores, self._folders("cpu")), default=math.inf)

    def free_memory(self) -> float:
        """Return how many bytes the process may still take; infinity where nothing limits it."""
        return min(map(_free_bytes, self._folders("memory")), default=math.inf)

    def _folders(self, controller: str) -> Iterator[Path]:
        """Yield the folders of the process's groups and of all above, as far as they are seen."""
        for mount, root, version in self._mounts(controller):
            below = self._group(controller if version == 1 else "").removeprefix(root).strip("/")
            folder = mount / below
            # A container may see another root than its groups' names begin with.
            folder = folder if folder.is_dir() else mount
            yield from (each for each in (folder, *folder.parents) if each.is_relative_to(mount))

    def _mounts(self, controller: str) -> Iterator[tuple[Path, str, int]]:
        for line in _lines(self.process / "mountinfo"):
            of_mount, _, of_system = line.partition(" - ")
            fields, system = of_mount.split(), of_system.split()
            if len(fields) < 5 or len(system) < 3:
                continue
            root, mount = fields[3].rstrip("/"), Path(fields[4])
            if system[0] == "cgroup2":
                yield mount, root, 2
            elif system[0] == "cgroup" and controller in system[2].split(","):
                yield mount, root, 1

    def _group(self, controller: str) -> str:
        for line in _lines(self.process / "cgroup"):
            _, controllers, group = line.split(":", 2)
            if controller in controllers.split(","):
                return group
        return "/"


def _cores(folder: Path) -> float:
    in_v1 = " ".join(_first(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
    quota, _, period = (_first(folder / "cpu.max") or in_v1).partition(" ")
    # "max" and -1 stand for no limit.
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else math.inf


def _free_bytes(folder: Path) -> float:
    limits = [
        int(limit)
        for name in ("memory.max", "memory.high", "memory.limit_in_bytes")
        if (limit := _first(folder / name)).isdigit()
    ]
    used = _first(folder / "memory.current") or _first(folder / "memory.usage_in_bytes")
    if not limits or not used.isdigit():
        return math.inf
    counted = dict(line.split(maxsplit=1) for line in _lines(folder / "memory.stat"))
    given_up = next((int(counted[name]) for name in _INACTIVE if name in counted), 0)
    return max(0, min(limits) - int(used) + given_up)


def _first(file: Path) -> str:
    return next(iter(_lines(file)), "").strip()


def _lines(file: Path) -> list[str]:
    """Return a file's lines; none where it is not there, or not for this process to read."""
    try:
        return file.read_text().splitlines()
    except OSError:
        return []
