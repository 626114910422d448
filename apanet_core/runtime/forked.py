"""torch in a process that was forked from one that had loaded a network."""

from __future__ import annotations

import logging
import os

import torch

from apanet_core.errors import BackendError

_log = logging.getLogger(__name__)

_settled_in: int | None = None
"""The process that loaded a network first, or has settled for what a fork left it."""

_forked = False


def settle_after_fork(device: str) -> bool:
    """Let torch compute in a forked process, which it would else do for ever; return whether it is.

    The threads with which torch had computed stay behind, and OpenMP waits for them. So there is
    one thread from now on, with a warning where there had been more.

    Args:
        device: on which it is to compute.

    Raises:
        BackendError: a GPU, which no forked process can use.
    """
    global _settled_in, _forked
    if _settled_in in (None, os.getpid()):
        _settled_in = os.getpid()
        return _forked
    if device.startswith("cuda"):
        raise BackendError(
            "This process was forked from one that had loaded a network, and cannot use the GPU: "
            'start it by spawn, as multiprocessing.get_context("spawn") does.'
        )
    if torch.get_num_threads() > 1:
        _log.warning(
            "This process was forked from one that had loaded a network, whose threads it does "
            "not have: it derains with one thread. Start it by spawn, as "
            'multiprocessing.get_context("spawn") does, to have all.'
        )
        torch.set_num_threads(1)
    _settled_in, _forked = os.getpid(), True
    return True
