"""The stand-in that needs no download: the encoder of an APANet that derains."""

from __future__ import annotations

import copy

from torch import Tensor, nn

from apanet_core.losses.features.extractor import rising_weights
from apanet_core.network.apanet import APANet


class EncoderFeatures(nn.Module):
    """The encoder levels of a trained APANet, and its latent level.

    Takes RGB float `[B,3,H,W]` in [0, 1], H and W of at least 16, and returns for level `k`
    (from 0, the latent level last) `[B, C * 2**k, H' / 2**k, W' / 2**k]`, where H' and W' are the
    sides, padded to the network's multiple, over its `stem_fold`. Each level counts twice as much
    as the one above it, the latent level four times.

    Where ImageNet's features tell objects apart, these tell rain from what it hides; they were
    trained on rendered rain, and share its blind spots.

    Args:
        model: the network; a frozen copy of it is kept.
        identity: what to record, see `FeatureExtractor`.

    Raises:
        ImageError: on a call with an image of another shape.
    """

    def __init__(self, model: APANet, identity: str = "apanet encoder") -> None:
        super().__init__()
        self.weights = rising_weights(len(model.config.blocks))
        self.identity = identity
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        # One picture as both views is a pair whose scene is infinitely far: the parallax mask lets
        # each left pixel match itself. The encoder has met such pairs; it has never met features
        # that parallax attention had added nothing to.
        return [left for left, _ in self.model.encode(image, image)]
