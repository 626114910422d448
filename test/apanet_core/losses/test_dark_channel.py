from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.errors import ConfigError
from apanet_core.losses.dark_channel import dark_channel, dark_channel_loss


def random_image(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(1))


def test_a_dark_spot_reaches_as_far_as_the_patch() -> None:
    image = torch.full((1, 3, 5, 6), 0.5)
    image[0, 1, 2, 0] = 0.125

    dark = dark_channel(image, patch=3)

    assert dark.shape == (1, 1, 5, 6)
    assert (dark[0, 0, 1:4, :2] == 0.125).all()
    assert dark.eq(0.125).sum() == 6
    assert dark.eq(0.5).sum() == 24
    expected = 6 * 0.125 + 24 * 0.5
    assert dark_channel_loss(image, patch=3).item() == pytest.approx(expected)


def test_a_patch_of_one_pixel_is_the_darkest_colour() -> None:
    image = random_image(2, 3, 4, 5)

    assert torch.equal(dark_channel(image, patch=1), image.min(dim=1, keepdim=True).values)


def test_equals_the_plain_definition() -> None:
    image = random_image(2, 3, 13, 17)
    darkest = image.amin(dim=1)
    plain = torch.stack(
        [
            darkest[:, max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].amin(dim=(1, 2))
            for row in range(13)
            for column in range(17)
        ],
        dim=1,
    )

    assert torch.equal(dark_channel(image, patch=5).flatten(1), plain)


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (17, 18), (16, 60)])
def test_a_patch_larger_than_the_image_covers_it(size: tuple[int, int]) -> None:
    image = random_image(1, 3, *size)

    assert dark_channel(image, patch=2 * 60 - 1).eq(image.min()).all()
    assert dark_channel(image).shape == (1, 1, *size)


def test_light_that_covers_everything_costs() -> None:
    clear = random_image(1, 3, 40, 40)

    assert dark_channel_loss(0.7 * clear + 0.3) > dark_channel_loss(clear) + 0.29 * 1600


def test_a_batch_costs_as_its_pictures_do_on_average() -> None:
    one, two = random_image(2, 3, 8, 8).split(1)

    both = dark_channel_loss(torch.cat([one, two]))

    assert both == pytest.approx((dark_channel_loss(one) + dark_channel_loss(two)).item() / 2)


def test_below_black_costs_too() -> None:
    assert dark_channel_loss(torch.full((1, 3, 4, 4), -0.25)).item() == 0.25 * 16


@pytest.mark.parametrize("patch", [-1, 0, 2, 34])
def test_a_patch_without_a_centre_is_refused(patch: int) -> None:
    with pytest.raises(ConfigError, match=rf"patch must be 1, 3, 5, \.\.\. pixels, got {patch}\."):
        dark_channel_loss(random_image(1, 3, 8, 8), patch)


def test_gradient() -> None:
    # No two values alike, and apart by more than the check's step.
    values = torch.randperm(90, generator=torch.Generator().manual_seed(2)).double() / 90 + 0.1
    image = values.reshape(1, 3, 5, 6).requires_grad_()

    assert torch.autograd.gradcheck(lambda image: dark_channel_loss(image, 3), (image,))
