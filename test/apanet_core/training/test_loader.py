from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.utils.data import Dataset

from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_core.training.loader import load_batches

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
    message = f"Cannot read {files[2]} as an image: it is damaged or of another kind."
    with pytest.raises(ImageError, match=f"^{re.escape(message)}$"):
        next(batches)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_defect_keeps_its_traceback(workers, files) -> None:
    with pytest.raises(IndexError, match="Traceback" if workers else "out of range"):
        next(load_batches(Pictures(files), [[0, 9]], workers, pin_memory=False))
