"""The two AlexNets whose features are compared; one of them tolerates shifts."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = (64, 192, 384, 256, 256)
"""Of the five feature maps, shallowest first."""


class Trunk(nn.Module):
    """Layers in a row; what leaves some of them is a feature map.

    Args:
        layers: numbered from 0.
        taps: the numbers of the layers whose outputs count.
    """

    def __init__(self, layers: list[nn.Module], taps: tuple[int, ...]) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.taps = taps

    def __call__(self, image: Tensor) -> list[Tensor]:
        """Run it."""
        maps: list[Tensor] = super().__call__(image)
        return maps

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the feature maps of `[B,3,H,W]`, shallowest first."""
        maps = []
        features = image
        for number, layer in enumerate(self.layers):
            features = layer(features)
            if number in self.taps:
                maps.append(features)
        return maps


class BinomialBlur(nn.Module):
    """Halve `[B,C,H,W]` after a 3 x 3 binomial filter, so that a shift of a pixel changes little.

    Reflected by two pixels at each border, as ST-LPIPS was trained.
    """

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        row = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("kernel", torch.outer(row, row)[None, None], persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        channels = features.shape[1]
        padded = F.pad(features, (2, 2, 2, 2), mode="reflect")
        kernel = self.kernel.expand(channels, 1, 3, 3)
        return F.conv2d(padded, kernel, stride=2, groups=channels)


def alexnet() -> Trunk:
    """Return AlexNet (Krizhevsky 2014) up to its fifth ReLU, numbered as torchvision does."""
    layers: list[nn.Module] = [
        *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)),
        *_deep_layers(),
    ]
    return Trunk(layers, taps=(1, 4, 7, 9, 11))


def shift_tolerant_alexnet() -> Trunk:
    """Return the AlexNet of ST-LPIPS (Ghildyal and Liu 2022): every stride is blurred first."""
    layers: list[nn.Module] = [
        *(nn.Conv2d(3, 64, 11, padding=2), BinomialBlur(), nn.ReLU()),
        *(nn.MaxPool2d(3, stride=1), BinomialBlur(), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU()),
        *(nn.MaxPool2d(3, stride=1), BinomialBlur()),
        *_deep_layers(),
    ]
    return Trunk(layers, taps=(2, 6, 10, 12, 14))


def _deep_layers() -> list[nn.Module]:
    """The three convolutions at the lowest resolution, which both have in common."""
    return [
        layer
        for inner, outer in ((192, 384), (384, 256), (256, 256))
        for layer in (nn.Conv2d(inner, outer, 3, padding=1), nn.ReLU())
    ]
