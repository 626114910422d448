"""Threads that wait: asleep, for on a machine with other work they would take the cores from it."""

from __future__ import annotations

import os

WAIT_POLICY = "OMP_WAIT_POLICY"


def let_waiting_threads_sleep() -> None:
    """Have OpenMP's threads sleep while they wait, unless the user has said how they wait.

    By default they spin, so that two processes on the same cores hold each other up several times
    over. OpenMP reads this as torch is imported: call it before.
    """
    os.environ.setdefault(WAIT_POLICY, "passive")


def waiting_threads_sleep() -> bool:
    """Whether threads that wait are to sleep."""
    return os.environ.get(WAIT_POLICY, "").strip().lower() == "passive"
