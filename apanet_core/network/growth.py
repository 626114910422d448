"""A larger network that begins where a trained smaller one stands."""

from __future__ import annotations

import dataclasses
import operator

import torch
from torch import nn

from apanet_core.errors import ConfigError
from apanet_core.network.apanet import APANet
from apanet_core.network.config import ApanetConfig

PER_LEVEL = ("blocks", "memory_size", "parallax")
ADDITIONS = ("haze", "parallax_gate")
MAY_DIFFER = (*PER_LEVEL, *ADDITIONS)


def grown(model: APANet, config: ApanetConfig) -> APANet:
    """Return a network of another configuration that computes what `model` does.

    Blocks are added behind each level's own, APAM where a level has none, levels below the latent
    one, which sees more of the scene, APAM's gates, and what lifts haze. Blocks are residual with
    factors of zero at initialisation, and what a new level hands up is weighted with zero, so the
    larger network's output is the smaller one's until it is trained (where no padding is needed:
    sides that are a multiple of the larger network's `multiple`).

    Args:
        model: the trained network.
        config: the larger one's. Apart from `blocks`, `parallax` and `ADDITIONS`, which may only
            grow, and further levels, it must be the model's.

    Raises:
        ConfigError: the model cannot become that; the message names the setting.
    """
    _require_growth(model.config, config)
    larger = APANet(config)
    levels = len(model.config.blocks)
    # With levels below it, the latent level is an encoder level like those above.
    latent = "latent." if levels == len(config.blocks) else f"encoder.{levels - 1}."
    state = {
        latent + name.removeprefix("latent.") if name.startswith("latent.") else name: tensor
        for name, tensor in model.state_dict().items()
    }
    larger.load_state_dict(state, strict=False)
    for level in range(levels - 1, len(config.blocks) - 1):
        _pass_skip_only(larger.reduce[level])
    return larger.to(next(model.parameters()).device)


@torch.no_grad()
def _pass_skip_only(reduce: nn.Module) -> None:
    """Let a 1x1 convolution of [from below, skip] return the skip."""
    weight, bias = reduce.parameters()
    width = len(bias)
    bias.zero_()
    weight[:, :width].zero_()
    weight[:, width:, 0, 0].copy_(torch.eye(width))


def _require_growth(small: ApanetConfig, large: ApanetConfig) -> None:
    names = {field.name for field in dataclasses.fields(ApanetConfig)} - set(MAY_DIFFER)
    wrong = sorted(name for name in names if getattr(small, name) != getattr(large, name))
    wrong += [name for name in ADDITIONS if getattr(small, name) > getattr(large, name)]
    for name, unlike in zip(PER_LEVEL, (operator.gt, operator.ne, operator.gt), strict=True):
        less, more = getattr(small, name), getattr(large, name)
        if len(less) > len(more) or any(map(unlike, less, more)):
            wrong.append(name)
    if wrong:
        given, wanted = ([getattr(config, name) for name in wrong] for config in (small, large))
        raise ConfigError(
            f"A network with {', '.join(wrong)} of {given} cannot grow into one with {wanted}: "
            f"only blocks, parallax, {', '.join(ADDITIONS)} and the number of levels may differ, "
            "and only grow."
        )
