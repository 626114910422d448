"""Learned perceptual image patch similarity (Zhang et al. 2018): 0 for equal pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import torch
from torch import Tensor

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.metrics.checks import check_same
from apanet_core.metrics.lpips.trunks import Trunk

MINIMUM_SIDE = 32
EPSILON = 1e-10


class Lpips:
    """The distance of two pictures by the features of a trained network.

    Args:
        trunk: takes ImageNet's colours, `[B,3,H,W]`, and returns feature maps.
        linear: how much each channel of each map counts, `[C]` each, not negative.
        device: torch device to compute on.
    """

    def __init__(
        self, trunk: Trunk, linear: Sequence[Tensor], device: str | torch.device = "cpu"
    ) -> None:
        self._trunk = trunk.eval().requires_grad_(False).to(device)
        self._linear = [weights.to(device) for weights in linear]
        self._device = device
        self._known: deque[tuple[ByteImage, list[Tensor]]] = deque(maxlen=2)
        colours = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
        self._mean, self._deviation = colours[:, None, :, None, None].to(device)

    @torch.inference_mode()
    def __call__(self, image: ByteImage, reference: ByteImage) -> float:
        """Return the distance, 0 for equal pictures, of two uint8 RGB `[H,W,3]` of one size.

        Raises:
            ImageError: types or sizes differ, or a side is shorter than 32 pixels.
        """
        check_same(image, reference)
        if min(image.shape[:2]) < MINIMUM_SIDE:
            raise ImageError(
                f"LPIPS needs sides of at least {MINIMUM_SIDE} pixels, got {image.shape[:2]}."
            )
        maps = self._trunk(self._colours(image))
        return float(feature_distance(maps, self._reference_maps(reference), self._linear))

    def _reference_maps(self, reference: ByteImage) -> list[Tensor]:
        """Return the feature maps, kept for the last two: the clean views of a pair, to which every
        method is compared in turn."""
        for known, maps in self._known:
            if known is reference:
                return maps
        maps = self._trunk(self._colours(reference))
        self._known.append((reference, maps))
        return maps

    def _colours(self, picture: ByteImage) -> Tensor:
        values = torch.from_numpy(picture.copy()).to(self._device).float() / 255
        colours: Tensor = (values.permute(2, 0, 1)[None] - self._mean) / self._deviation
        return colours


def feature_distance(
    maps: Sequence[Tensor], others: Sequence[Tensor], linear: Sequence[Tensor]
) -> Tensor:
    """Return the sum over layers of the mean over pixels of the weighted squared difference.

    Args:
        maps, others: of each picture per layer `[1,C,H,W]`; every pixel's features are brought to
            length 1 before they are compared.
        linear: per layer `[C]`.
    """
    layers = zip(maps, others, linear, strict=True)
    return torch.stack([_layer_distance(*layer) for layer in layers]).sum()


def _layer_distance(features: Tensor, other: Tensor, weights: Tensor) -> Tensor:
    difference = _unit(features) - _unit(other)
    return torch.einsum("bchw,c->bhw", difference**2, weights).mean()


def _unit(features: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(features, dim=1, keepdim=True)
    return features / (length + EPSILON)
