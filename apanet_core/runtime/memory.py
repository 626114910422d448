"""Memory of this process and of its devices: how much is in use, and giving back what is not."""

from __future__ import annotations

import ctypes
import gc
import math
import sys
from pathlib import Path
from resource import getpagesize

from apanet_core.control_groups import ControlGroups

# torch on a GPU and on a CPU; ONNX Runtime on either.
_NO_MEMORY = ("out of memory", "allocate memory", "failed to allocate", "bad_alloc")
_RESIDENT_PAGES = Path("/proc/self/statm")
_MEMORY = Path("/proc/meminfo")


def process_memory() -> int:
    """Bytes of this process that are resident in the host's memory."""
    return int(_RESIDENT_PAGES.read_text().split()[1]) * getpagesize()


def free_memory() -> float:
    """Bytes that this process can still take before Linux kills it; infinity if not known.

    The less of what the machine has available and what a container's limit leaves.
    """
    return min(_counted("MemAvailable", math.inf), ControlGroups().free_memory())


def free_swap() -> float:
    """Bytes of the machine's swap that are free."""
    return _counted("SwapFree", 0)


def _counted(name: str, unknown: float) -> float:
    """Return bytes of /proc/meminfo, where they stand in kibibytes."""
    for line in _MEMORY.read_text().splitlines() if _MEMORY.exists() else ():
        if line.startswith(f"{name}:"):
            return 1024.0 * int(line.split()[1])
    return unknown


def device_memory(device: str) -> int:
    """Bytes that torch holds on a CUDA device for this process; 0 on any other device."""
    torch = sys.modules.get("torch")
    if torch is None or not device.startswith("cuda"):
        return 0
    return int(torch.cuda.memory_reserved(device))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch, ONNX Runtime or Python says that memory ran out."""
    sentence = str(error).lower()
    return isinstance(error, MemoryError) or any(words in sentence for words in _NO_MEMORY)


def settle_memory() -> None:
    """Let Python's garbage collector pass over all that is there now, until memory is released.

    Going through a loaded torch holds every thread up for tens of milliseconds, again and again.
    """
    gc.collect()
    gc.freeze()


def release_memory() -> None:
    """Give memory that nothing refers to any more back to the device and to the system."""
    gc.unfreeze()
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    # glibc keeps what was freed unless it is asked; other C libraries have no such function.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
