"""In how many bands a picture fits into a CPU's free memory, found out before it is derained.

Linux lets a process have more memory than there is, and kills it as it uses that. A GPU's library
raises an error in time, so there nothing is planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apanet_core.errors import OutOfMemoryError
from apanet_core.runtime.bands import OVERLAP
from apanet_core.runtime.memory import free_memory, free_swap, release_memory

SHARE = 0.9
"""Part of the free memory that is planned with, for other programs take some as well."""

WorkingBytes = Callable[[int, int], int]
"""Estimates what deraining a pair of a height and a width adds, in bytes."""


def fitting_bands(working_bytes: WorkingBytes, height: int, width: int, most: int) -> int:
    """Return the fewest bands, by doubling, in which a pair fits into the memory that is free.

    Args:
        working_bytes: as above.
        height, width: of the pictures, in pixels.
        most: bands.

    Raises:
        OutOfMemoryError: it fits in no number of bands.
    """
    needed = dict(_needed(working_bytes, height, width, most))
    if needed[1] <= SHARE * free_memory():
        return 1
    release_memory()  # What was freed and kept for later counts as taken until then.
    free = free_memory()
    for bands, size in needed.items():
        if size <= SHARE * free:
            return bands
    # Swap is slow, but no reason to give up.
    least = min(needed, key=lambda bands: needed[bands])
    if needed[least] <= free + free_swap():
        return least
    raise OutOfMemoryError(
        f"Deraining a pair of {width} x {height} takes about {mebibytes(needed[least])}"
        f"{' even in bands' if most > 1 else ''}, and {mebibytes(free)} of memory are free: close "
        "other programs, raise the container's limit, or scale the pictures down."
    )


def mebibytes(size: float) -> str:
    """Return a number of bytes in words."""
    return f"{size / 2**20:.0f} MiB"


def _needed(
    working_bytes: WorkingBytes, height: int, width: int, most: int
) -> Iterator[tuple[int, int]]:
    bands = 1
    while bands <= most:
        rows = height if bands == 1 else -(-height // bands) + OVERLAP
        whole = 0 if bands == 1 else 2 * 3 * height * width  # where bands are put together
        yield bands, working_bytes(min(rows, height), width) + whole
        bands *= 2
