"""How layers begin that are added to a trained network."""

from __future__ import annotations

from torch import nn


def be_zero(layer: nn.Module) -> None:
    """Set all parameters to zero, so that what a layer adds is nothing until it is trained."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
