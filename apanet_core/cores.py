"""How many cores this process may use."""

from __future__ import annotations

import math
import os

from apanet_core.control_groups import ControlGroups


def usable_cores() -> int:
    """Return the cores that affinity and control groups leave this process, 1 or more.

    `os.cpu_count` counts the machine's, of which a container or `taskset` leaves fewer.
    """
    return max(1, math.ceil(min(ControlGroups().cores(), present_cores())))


def present_cores() -> int:
    """Return the cores that affinity leaves this process, whatever share of their time it gets."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
