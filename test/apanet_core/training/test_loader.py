from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.utils.data import Dataset

from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_core.training import loader
from apanet_core.training.loader import load_batches, size_of

BATCHES = [[0, 1], [2, 3]]
NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


class Pictures(Dataset[torch.Tensor]):
    """Pictures as tensors, uint8 `[H,W,3]`."""

    def __init__(self, files: list[Path]) -> None:
        self.files = files

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(read_rgb(self.files[index]))


@pytest.fixture
def files(tmp_path) -> list[Path]:
    """Four pictures, each of one level, its number."""
    files = [tmp_path / f"{number}.png" for number in range(4)]
    for number, path in enumerate(files):
        write_rgb(path, np.full((40, 50, 3), number, np.uint8))
    return files


class Noise(Dataset[dict[str, tuple[torch.Tensor, int]]]):
    """Samples of 1 MiB, each of its number, in a structure."""

    def __getitem__(self, index: int) -> dict[str, tuple[torch.Tensor, int]]:
        return {"views": (torch.full((2**18,), float(index)), index)}


@pytest.fixture
def leave(monkeypatch):
    """Let so many MiB of shared memory be free."""
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)
    return lambda mebibytes: monkeypatch.setattr(
        loader, "free_shared_memory", lambda: mebibytes * 2**20
    )


@pytest.mark.parametrize(("free", "prefetch"), [(72, 4), (71, 2), (40, 2), (39, 1), (24, 1)])
def test_less_is_prepared_ahead_where_shared_memory_is_short(
    leave, monkeypatch, caplog, free, prefetch
) -> None:
    leave(free)
    taken = []
    monkeypatch.setattr(
        loader,
        "DataLoader",
        lambda *_, **options: taken.append(options["prefetch_factor"]) or iter(()),
    )

    # Two loaders, each with batches of 2 MiB: twice as many as workers, and two in use.
    list(load_batches(Noise(), [[0, 1]] * 9, 4, pin_memory=False))

    assert taken == [prefetch]
    assert not caplog.messages


def test_batches_come_through_pipes_where_shared_memory_is_too_small(leave, caplog) -> None:
    leave(3)

    found = list(load_batches(Noise(), BATCHES, 2, pin_memory=False))

    assert [batch["views"][1].tolist() for batch in found] == BATCHES
    assert [batch["views"][0][:, -1].tolist() for batch in found] == BATCHES
    (message,) = caplog.messages
    assert message.startswith(
        "/dev/shm has 3 MiB free, too little for batches of 2 MiB from 2 workers: they come "
        "through pipes, which takes longer. Give a container more with --shm-size"
    )


def test_several_trainings_share_it(leave, monkeypatch, caplog) -> None:
    leave(40)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")

    assert len(list(load_batches(Noise(), BATCHES, 1, pin_memory=False))) == 2
    assert "--shm-size" in caplog.text


def test_an_error_keeps_its_sentence_through_pipes(leave, files) -> None:
    leave(0)
    files[1].write_bytes(files[1].read_bytes()[:60])

    with pytest.raises(ImageError, match=f"^Cannot read {re.escape(str(files[1]))} as an image"):
        next(load_batches(Pictures(files), BATCHES, 1, pin_memory=False))


def test_the_size_of_a_sample_is_that_of_its_tensors() -> None:
    assert (
        size_of((torch.zeros(3), [np.zeros(5, np.uint8)], {"a": torch.zeros(2).half()}, "b")) == 21
    )


SMALL_SHARED_MEMORY = """
import sys
sys.path.insert(0, sys.argv[1])
from test_loader import BATCHES, Noise
from apanet_core.training.loader import load_batches
for batch in load_batches(Noise(), BATCHES * 10, 2, pin_memory=False):
    assert batch["views"][0].shape == (2, 2**18)
print("all batches came")
"""


def test_two_mebibytes_of_real_shared_memory_are_enough() -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no program `unshare` here")
    own = "mount -t tmpfs -o size=2m tmpfs /dev/shm"
    probe = subprocess.run(["unshare", "-m", "sh", "-c", own], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("only root may mount a small /dev/shm of its own")
    here = str(Path(__file__).parent)
    run = ["unshare", "-m", "sh", "-c", f'{own} && exec "$@"', "sh"]

    ran = subprocess.run(
        [*run, sys.executable, "-c", SMALL_SHARED_MEMORY, here],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout == "all batches came\n", ran.stderr
    assert "--shm-size" in ran.stderr


@pytest.mark.parametrize("workers", [0, 1])
def test_batches_come_in_order(workers, files) -> None:
    found = list(load_batches(Pictures(files), BATCHES, workers, pin_memory=False))

    assert [batch.shape for batch in found] == [(2, 40, 50, 3)] * 2
    assert [batch[:, 0, 0, 0].tolist() for batch in found] == BATCHES


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("pin_memory", [False, pytest.param(True, marks=NEEDS_GPU)])
def test_an_error_keeps_its_sentence(workers, pin_memory, files) -> None:
    for path in files[2:]:
        path.write_bytes(path.read_bytes()[:60])
    batches = load_batches(Pictures(files), BATCHES, workers, pin_memory)

    # What came before is still trained on.
    assert next(batches).shape == (2, 40, 50, 3)
    message = f"Cannot read {files[2]} as an image: its end is missing: copy it anew."
    with pytest.raises(ImageError, match=f"^{re.escape(message)}$"):
        next(batches)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_defect_keeps_its_traceback(workers, files) -> None:
    with pytest.raises(IndexError, match="Traceback" if workers else "out of range"):
        next(load_batches(Pictures(files), [[0, 9]], workers, pin_memory=False))
