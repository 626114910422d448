"""Batches of samples from worker processes, whose errors arrive as they were raised."""

from __future__ import annotations

import logging
import math
import os
import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from apanet_core.errors import ApanetError

SHARED_MEMORY = Path("/dev/shm")
"""Where torch puts what a worker hands over. Docker leaves a container 64 MiB of it."""

PREFETCH = (4, 2, 1)
"""Batches that each worker prepares ahead; fewer where shared memory is short."""

_IN_USE = 2
"""Batches that the training holds: the one it trains on and the one it asks for."""

_log = logging.getLogger(__name__)


def load_batches(
    samples: Dataset[Any], batches: list[list[int]], workers: int, pin_memory: bool
) -> Iterator[Any]:
    """Yield batches of samples.

    torch raises what went wrong in a worker anew, with the worker's whole traceback as its message.
    So workers hand a user's errors over as values, and they are raised here.

    Workers hand batches over in shared memory; where that is too small for them, which would end in
    a bus error, through pipes, with a warning.

    Args:
        samples: what `default_collate` can make batches of.
        batches: the numbers of each batch's samples.
        workers: processes that prepare samples; 0 prepares them in this one.
        pin_memory: whether batches are put where a GPU fetches them faster.

    Raises:
        ApanetError: a sample's own error, with any number of workers.
    """
    prefetch = _prefetch(_Caught(samples), batches, workers) if workers and batches else None
    through_pipes = prefetch == 0
    loader = DataLoader(
        _Caught(samples),
        batch_sampler=batches,
        num_workers=workers,
        prefetch_factor=PREFETCH[-1] if through_pipes else prefetch,
        pin_memory=pin_memory and not through_pipes,
        collate_fn=_pickled if through_pipes else _batch_or_error,
    )
    for batch in loader:
        whole = _batch_or_error(pickle.loads(batch)) if through_pipes else batch
        if isinstance(whole, ApanetError):
            raise whole
        yield whole


class _Caught(Dataset[Any]):
    """Samples of which those that cannot be made are the error that says why."""

    def __init__(self, samples: Dataset[Any]) -> None:
        self._samples = samples

    def __getitem__(self, index: int) -> Any:
        try:
            return self._samples[index]
        except ApanetError as error:
            return error


def _batch_or_error(samples: list[Any]) -> Any:
    errors = [sample for sample in samples if isinstance(sample, ApanetError)]
    return errors[0] if errors else default_collate(samples)


def _pickled(samples: list[Any]) -> bytes:
    """Return samples as bytes, which go through a pipe; tensors would go into shared memory."""
    return pickle.dumps(samples, pickle.HIGHEST_PROTOCOL)


def _prefetch(samples: _Caught, batches: list[list[int]], workers: int) -> int:
    """Return the largest of `PREFETCH` that shared memory holds; 0 where it holds none."""
    free = free_shared_memory()
    if math.isinf(free):
        return PREFETCH[0]
    try:
        batch = max(map(len, batches)) * size_of(samples[batches[0][0]])
    except Exception:
        return PREFETCH[0]  # A defect, which is the worker's to raise.
    for prefetch in PREFETCH:
        if _trainings_here() * (workers * prefetch + _IN_USE) * batch <= free:
            return prefetch
    _log.warning(
        "%s has %.0f MiB free, too little for batches of %.0f MiB from %d workers: they come "
        "through pipes, which takes longer. Give a container more with --shm-size (docker run "
        "--shm-size=8g), or take fewer workers or smaller batches.",
        SHARED_MEMORY,
        free / 2**20,
        batch / 2**20,
        workers,
    )
    return 0


def _trainings_here() -> int:
    """How many loaders share the memory: two of each process, that of rendered and real rain."""
    processes = os.environ.get("LOCAL_WORLD_SIZE", "1")  # of torchrun
    return 2 * (int(processes) if processes.isdigit() else 1)


def free_shared_memory() -> float:
    """Return the free bytes of shared memory; infinity where it is not a file system."""
    try:
        system = os.statvfs(SHARED_MEMORY)
    except OSError:
        return math.inf
    return float(system.f_bavail * system.f_frsize)


def size_of(sample: Any) -> int:
    """Return the bytes of all tensors in a sample: a tensor, or tuples, lists and mappings."""
    if isinstance(sample, Tensor):
        return sample.nbytes
    if isinstance(sample, Mapping):
        return sum(map(size_of, sample.values()))
    if isinstance(sample, (tuple, list)):
        return sum(map(size_of, sample))
    return int(getattr(sample, "nbytes", 0))  # a NumPy array, of which a batch is a tensor
