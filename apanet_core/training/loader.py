"""Batches of samples from worker processes, whose errors arrive as they were raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader, Dataset, default_collate

from apanet_core.errors import ApanetError


def load_batches(
    samples: Dataset[Any], batches: list[list[int]], workers: int, pin_memory: bool
) -> Iterator[Any]:
    """Yield batches of samples.

    torch raises what went wrong in a worker anew, with the worker's whole traceback as its message.
    So workers hand a user's errors over as values, and they are raised here.

    Args:
        samples: what `default_collate` can make batches of.
        batches: the numbers of each batch's samples.
        workers: processes that prepare samples; 0 prepares them in this one.
        pin_memory: whether batches are put where a GPU fetches them faster.

    Raises:
        ApanetError: a sample's own error, with any number of workers.
    """
    loader = DataLoader(
        _Caught(samples),
        batch_sampler=batches,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=pin_memory,
        collate_fn=_batch_or_error,
    )
    for batch in loader:
        if isinstance(batch, ApanetError):
            raise batch
        yield batch


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
