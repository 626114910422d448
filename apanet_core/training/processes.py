"""One training in several processes, as `torchrun` starts them (DistributedDataParallel)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from apanet_core.errors import ConfigError

Item = TypeVar("Item")


@dataclass(frozen=True)
class Processes:
    """The processes of one training.

    Attributes:
        rank: number of this one, from 0. Rank 0 validates, saves and prints.
        count: all of them.
    """

    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process validates, saves and prints."""
        return self.rank == 0

    def share_of(self, batch_size: int) -> int:
        """Return how many samples of a batch each process takes.

        Raises:
            ConfigError: the batch cannot be divided evenly.
        """
        if batch_size % self.count:
            raise ConfigError(
                f"A batch of {batch_size} cannot be divided among {self.count} processes: choose a "
                "multiple in the recipe."
            )
        return batch_size // self.count

    def wrapped(self, module: nn.Module) -> nn.Module:
        """Return a module whose gradients are averaged over the processes."""
        return module if self.count == 1 else DistributedDataParallel(module)

    def mean(self, value: Tensor) -> Tensor:
        """Return the mean over the processes of a detached scalar."""
        if self.count > 1:
            dist.all_reduce(value)
            value = value / self.count
        return value

    def from_leader(self, make: Callable[[], Item]) -> Item:
        """Return what `make` returns in the leading process; it is called in that one alone."""
        if self.count == 1:
            return make()
        held: list[Any] = [make() if self.leads else None]
        dist.broadcast_object_list(held)
        return cast("Item", held[0])


@contextmanager
def started_by_torchrun(device: str) -> Iterator[tuple[Processes, str]]:
    """Join the processes that `torchrun` started; alone where it started none.

    Args:
        device: as the user named it; `cuda` becomes each process's own GPU.

    Yields:
        The processes, and this one's torch device.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(), device
        return
    if device == "cuda":
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield Processes(dist.get_rank(), count), device
    finally:
        dist.destroy_process_group()
