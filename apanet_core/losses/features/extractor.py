"""What every feature extractor offers."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class FeatureExtractor(Protocol):
    """Frozen: nothing in it learns, but gradients flow through it to the image."""

    @property
    def weights(self) -> tuple[float, ...]:
        """How much each feature map counts, shallowest first."""

    @property
    def identity(self) -> str:
        """Which network this is, for the record: its kind and the SHA-256 of its weights file."""

    def __call__(self, image: Tensor) -> list[Tensor]:
        """Return the feature maps, shallowest first, of RGB float `[B,3,H,W]` in [0, 1]."""


def rising_weights(count: int) -> tuple[float, ...]:
    """Return the paper's weights for so many maps: `..., 1/32, 1/16, 1/8, 1/4, 1`, deepest last."""
    return (*(2.0 ** -(depth + 1) for depth in range(count - 1, 0, -1)), 1.0)
