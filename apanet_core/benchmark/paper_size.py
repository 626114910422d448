"""The paper's network without its weights, to be measured."""

from __future__ import annotations

import torch

from apanet_core.network.apanet import APANet
from apanet_core.network.config import RELEASED_MEMORY_EPS, ApanetConfig


def paper_network() -> APANet:
    """Return it as released checkpoints are, with random weights whose every branch counts."""
    torch.manual_seed(0)
    model = APANet(ApanetConfig(memory_eps=RELEASED_MEMORY_EPS)).eval()
    for name, parameter in model.named_parameters():
        # Zero at initialisation, which would make it cheap to leave branches out.
        if name.endswith(("beta", "gamma")):
            torch.nn.init.normal_(parameter, std=0.3)
    return model
