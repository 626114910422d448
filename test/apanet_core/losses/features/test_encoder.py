from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.errors import ImageError
from apanet_core.losses.features import EncoderFeatures
from apanet_core.network.config import ApanetConfig

THREE_LEVELS = ApanetConfig(
    width=4, blocks=(1, 1, 1), memory_size=(4,) * 3, stem_fold=2, parallax=(False, True, True)
)


def random_image(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(3))


def test_a_map_of_each_level(make_network) -> None:
    features = EncoderFeatures(make_network(THREE_LEVELS), "an encoder")

    # 18 x 30 is padded to 24 x 32, and the stem folds 2 x 2 pixels.
    maps = features(random_image(2, 3, 18, 30))

    assert [tuple(found.shape) for found in maps] == [(2, 4, 12, 16), (2, 8, 6, 8), (2, 16, 3, 4)]
    assert features.weights == (1 / 8, 1 / 4, 1)
    assert features.identity == "an encoder"


def test_they_are_what_the_network_computes_for_a_scene_without_disparity(make_network) -> None:
    model = make_network(THREE_LEVELS)
    image = random_image(1, 3, 16, 24)

    first = EncoderFeatures(model)(image)[0]

    _, _, taps = model.forward_with_taps(image, image)
    # With gradients other kernels may compute, and round otherwise.
    torch.testing.assert_close(first, taps.encoder[0])


def test_the_gradient_reaches_the_image_and_no_parameter(make_network) -> None:
    features = EncoderFeatures(make_network(THREE_LEVELS))
    image = random_image(1, 3, 16, 16).requires_grad_()

    features(image)[-1].square().mean().backward()

    assert image.grad is not None
    assert image.grad.count_nonzero() == image.numel()
    assert not any(parameter.requires_grad for parameter in features.parameters())


def test_the_network_itself_stays_free_to_learn(make_network) -> None:
    model = make_network(THREE_LEVELS).train()
    features = EncoderFeatures(model)
    image = random_image(1, 3, 16, 16)
    before = features(image)[-1]

    with torch.no_grad():
        model.stem.weight.zero_()

    assert model.training
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert torch.equal(features(image)[-1], before)


def test_a_small_image_is_refused(make_network) -> None:
    with pytest.raises(ImageError, match=r"H and W of at least 16, got \(1, 3, 15, 16\)"):
        EncoderFeatures(make_network(THREE_LEVELS))(random_image(1, 3, 15, 16))
