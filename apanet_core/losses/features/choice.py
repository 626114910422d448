"""How a recipe names its feature extractor."""

from __future__ import annotations

import torch

from apanet_core.errors import ConfigError
from apanet_core.losses.features.encoder import EncoderFeatures
from apanet_core.losses.features.extractor import FeatureExtractor
from apanet_core.losses.features.vgg19 import Vgg19Features
from apanet_core.network.checkpoint import load_model
from apanet_core.weights import resolve_weights
from apanet_core.weights.hashes import sha256


def load_features(choice: str, device: str | torch.device = "cpu") -> FeatureExtractor:
    """Load a feature extractor.

    Args:
        choice: `vgg19:PATH` with VGG19's weights as `Vgg19Features` takes them, or
            `encoder:MODEL` with an APANet as `load_model` takes it (`encoder:tiny`).
        device: torch device to put it on.

    Raises:
        ConfigError: the choice has another form; the message lists the valid ones.
        CheckpointError: the weights cannot be loaded; the message names the file.
    """
    kind, _, source = choice.partition(":")
    if kind == "vgg19" and source:
        return Vgg19Features(source).to(device)
    if kind == "encoder" and source:
        return _load_encoder(source).to(device)
    raise ConfigError(
        f"No feature extractor {choice!r}: give vgg19:PATH (torchvision's VGG19 weights) or "
        "encoder:MODEL (an APANet by shipped name or path)."
    )


def _load_encoder(source: str) -> EncoderFeatures:
    path = resolve_weights(source)
    identity = f"apanet encoder of {path.stem} sha256:{sha256(path)}"
    return EncoderFeatures(load_model(path), identity)
