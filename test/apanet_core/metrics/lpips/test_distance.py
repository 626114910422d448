from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np
import torch

from apanet_core.errors import ImageError
from apanet_core.metrics.lpips.distance import Lpips, feature_distance
from apanet_core.metrics.lpips.trunks import Trunk


def test_the_distance_of_features_by_hand() -> None:
    """Two pixels. The first turns by a right angle, the second only grows."""
    maps = torch.tensor([[[[3.0, 1.0]], [[0.0, 1.0]]]])
    others = torch.tensor([[[[0.0, 5.0]], [[2.0, 5.0]]]])
    assert maps.shape == (1, 2, 1, 2)

    found = feature_distance([maps], [others], [torch.tensor([0.5, 0.25])])

    # (1 - 0)^2 * 0.5 + (0 - 1)^2 * 0.25, mean over two pixels.
    assert float(found) == pytest.approx(0.375)


def test_layers_add_up() -> None:
    maps, others = torch.tensor([[[[1.0]], [[0.0]]]]), torch.tensor([[[[0.0]], [[1.0]]]])
    ones = torch.ones(2)

    assert float(feature_distance([maps] * 3, [others] * 3, [ones] * 3)) == pytest.approx(6)


def test_features_of_nothing_are_no_error() -> None:
    nothing = torch.zeros(1, 2, 3, 3)

    assert float(feature_distance([nothing], [nothing], [torch.ones(2)])) == 0


@pytest.fixture
def distance() -> Lpips:
    """Compares colours as ImageNet scales them: the pictures themselves are the features."""
    return Lpips(Trunk([torch.nn.Identity()], taps=(0,)), [torch.ones(3)])


def plain(*colour: int) -> np.ndarray:
    return np.full((32, 40, 3), colour, np.uint8)


def test_pictures_are_scaled_as_imagenets(distance) -> None:
    def unit(colour) -> np.ndarray:
        scaled = (np.array(colour) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
        return scaled / np.linalg.norm(scaled)

    found = distance(plain(200, 10, 90), plain(30, 240, 90))

    expected = np.sum((unit((200, 10, 90)) - unit((30, 240, 90))) ** 2)
    assert found == pytest.approx(expected, rel=1e-5)


def test_equal_pictures_are_at_distance_0_and_order_does_not_count(distance) -> None:
    one, two = plain(200, 10, 90), plain(30, 240, 90)

    assert distance(one, one) == distance(two, two.copy()) == 0
    assert distance(one, two) == distance(two, one) > 0


def test_a_third_reference_is_not_taken_for_the_first(distance) -> None:
    pictures = [plain(200, 10, 90), plain(30, 240, 90), plain(1, 2, 250)]
    apart = [distance(pictures[0].copy(), other) for other in pictures]

    again = [distance(pictures[0].copy(), other) for other in reversed(pictures)]

    assert apart == again[::-1]
    assert len(set(apart)) == 3


def test_wrong_pictures_are_refused(distance) -> None:
    with pytest.raises(ImageError, match="The images differ in shape"):
        distance(plain(1, 2, 3), plain(1, 2, 3)[:-1])
    with pytest.raises(ImageError, match="Metrics take uint8 images, got float64"):
        distance(plain(1, 2, 3) / 2, plain(1, 2, 3))
    with pytest.raises(ImageError, match=r"LPIPS needs sides of at least 32 pixels, got \(31, 40"):
        distance(plain(1, 2, 3)[1:], plain(1, 2, 3)[1:])
