"""A larger network that begins where a trained smaller one stands."""

from __future__ import annotations

import dataclasses
import operator

from apanet_core.errors import ConfigError
from apanet_core.network.apanet import APANet
from apanet_core.network.config import ApanetConfig


def grown(model: APANet, config: ApanetConfig) -> APANet:
    """Return a network of another configuration that computes what `model` does.

    Blocks are added behind each level's own, and APAM where a level has none. Both are residual
    with factors of zero at initialisation, so the larger network's output is the smaller one's
    until it is trained.

    Args:
        model: the trained network.
        config: the larger one's. Apart from `blocks` and `parallax`, which may only grow, it must
            be the model's.

    Raises:
        ConfigError: the model cannot become that; the message names the setting.
    """
    _require_growth(model.config, config)
    larger = APANet(config)
    larger.load_state_dict(model.state_dict(), strict=False)
    return larger.to(next(model.parameters()).device)


def _require_growth(small: ApanetConfig, large: ApanetConfig) -> None:
    names = {field.name for field in dataclasses.fields(ApanetConfig)} - {"blocks", "parallax"}
    wrong = sorted(name for name in names if getattr(small, name) != getattr(large, name))
    for name in ("blocks", "parallax"):
        less, more = getattr(small, name), getattr(large, name)
        if len(less) != len(more) or any(map(operator.gt, less, more)):
            wrong.append(name)
    if wrong:
        given, wanted = ([getattr(config, name) for name in wrong] for config in (small, large))
        raise ConfigError(
            f"A network with {', '.join(wrong)} of {given} cannot grow into one with {wanted}: "
            "only blocks and parallax may differ, and only grow."
        )
