from __future__ import annotations

import pytest

pytest.importorskip("torch")

import cv2
import numpy as np
import torch

from apanet_core.imaging.padding import pad_to_multiple

SIZES = [(8, 16), (9, 17), (15, 23), (5, 3), (2, 2), (3, 40)]


def missing(size: tuple[int, int], multiple: int) -> list[int]:
    return [-side % multiple for side in size]


@pytest.mark.parametrize("multiple", [1, 8, 32])
@pytest.mark.parametrize("size", SIZES)
def test_reflects_as_numpy_and_opencv_do(size: tuple[int, int], multiple: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*size, 3)).astype(np.float32)
    bottom, right = missing(size, multiple)

    padded = pad_to_multiple(torch.from_numpy(image.transpose(2, 0, 1)[None]), multiple)
    found = padded[0].permute(1, 2, 0).numpy()

    # The derainer pads with OpenCV before the network would: both must show it the same picture.
    with_opencv = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT_101)
    with_numpy = np.pad(image, ((0, bottom), (0, right), (0, 0)), mode="reflect")
    np.testing.assert_array_equal(found, with_numpy)
    np.testing.assert_array_equal(found, with_opencv)


def test_by_hand() -> None:
    row = torch.tensor([1.0, 2.0, 3.0]).expand(1, 1, 8, 3)

    assert pad_to_multiple(row, 8)[0, 0, 0].tolist() == [1, 2, 3, 2, 1, 2, 3, 2]


def test_an_image_of_fitting_size_is_returned_as_it_is() -> None:
    image = torch.rand(2, 3, 16, 24)

    assert pad_to_multiple(image, 8) is image


def test_gradient() -> None:
    image = torch.rand(1, 1, 3, 5, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(lambda view: pad_to_multiple(view, 4), (image,))
