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
from apanet_core.runtime.devices import resolve_device

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


def device_of_process(device: str, number: int) -> str:
    """Return the torch device of one of several processes on a machine.

    Args:
        device: as `resolve_device` takes it. `auto` and `cuda` become the process's own GPU.
        number: of the process on this machine, from 0.

    Raises:
        BackendError: it is unknown or not there, or the machine has fewer GPUs than processes.
    """
    if device == "cuda" or (device == "auto" and torch.cuda.device_count()):
        device = f"cuda:{number}"
    return resolve_device(device)


@contextmanager
def started_by_torchrun(device: str) -> Iterator[tuple[Processes, str]]:
    """Join the processes that `torchrun` started; alone where it started none.

    Args:
        device: as the user named it; see `device_of_process`.

    Yields:
        The processes, and this one's torch device.

    Raises:
        BackendError: the device is not there.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(), resolve_device(device)
        return
    device = device_of_process(device, int(os.environ["LOCAL_RANK"]))
    on_gpu = device.startswith("cuda")
    if on_gpu:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Processes(dist.get_rank(), count), device
        # No process goes while another still validates and saves, or waits for its last word.
        dist.barrier()
    finally:
        dist.destroy_process_group()
