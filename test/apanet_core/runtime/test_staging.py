from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.runtime.staging import Staging

GPU = pytest.param(
    "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
)


@pytest.mark.parametrize("device", ["cpu", GPU])
def test_bytes_come_back_as_they_went(device: str) -> None:
    staging = Staging(torch.device(device))
    for size in ((5, 7), (5, 7), (8, 4)):
        pair = np.random.default_rng(size[0]).integers(0, 256, (2, *size, 3), np.uint8)

        views = staging.upload(*pair)
        found = staging.download(views)

        assert [tuple(view.shape) for view in views] == [(1, 3, *size)] * 2
        assert np.array_equal(np.stack(found), pair)


def test_what_was_returned_stays_as_it_is() -> None:
    staging = Staging(torch.device("cpu"))
    one, two = np.full((2, 4, 4, 3), 7, np.uint8), np.full((2, 4, 4, 3), 9, np.uint8)

    first = staging.download(staging.upload(*one))
    staging.download(staging.upload(*two))

    assert (np.stack(first) == 7).all()


def test_an_array_that_runs_backwards_is_taken() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)

    left, right = Staging(torch.device("cpu")).upload(picture[..., ::-1], picture)

    assert torch.equal(left, right.flip(1))


def test_numbers_outside_of_a_picture_are_cut_off_and_the_rest_rounded() -> None:
    views = torch.tensor([-0.1, 0.0019, 0.5, 1.2]).reshape(1, 1, 2, 2).expand(1, 3, 2, 2)
    staging = Staging(torch.device("cpu"))
    staging.upload(*np.zeros((2, 2, 2, 3), np.uint8))

    left, _ = staging.download((views, views))

    assert left[..., 0].tolist() == [[0, 0], [128, 255]]


def test_sixteen_bits_come_back_as_they_went() -> None:
    staging = Staging(torch.device("cpu"))
    bytes_before = np.zeros((2, 5, 7, 3), np.uint8)
    staging.upload(*bytes_before)
    pair = np.random.default_rng(1).integers(0, 65536, (2, 5, 7, 3), np.uint16)

    views = staging.upload(*pair)
    found = staging.download(views)

    assert float(views[0].max()) <= 1
    assert found[0].dtype == np.uint16
    assert np.array_equal(np.stack(found), pair)
    assert staging.download(staging.upload(*bytes_before))[0].dtype == np.uint8
