"""Equal to the released network, in numbers it computed; see `test/data/README.md`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.benchmark.released_formulation import in_released_formulation
from apanet_core.network.apanet import APANet
from apanet_core.network.config import RELEASED_MEMORY_EPS, ApanetConfig
from apanet_core.network.released import from_released, released_config

TOLERANCE = 1e-4


def views(pair: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    left, right = torch.from_numpy(pair).split(3, dim=1)
    return left, right


def load(net: dict[str, torch.Tensor]) -> APANet:
    model = APANet(released_config(net))
    model.load_state_dict(from_released(net, model.state_dict()))
    return model.eval()


def paper_weights(names: dict[str, list[int]]) -> dict[str, torch.Tensor]:
    """Make the weights that the released network had when it computed `paper.npz`."""
    generator = np.random.default_rng(11)
    net = {}
    for name, shape in names.items():
        values = generator.standard_normal(shape).astype(np.float32)
        if "norm" in name and name.endswith("weight"):
            values = 1 + np.float32(0.1) * values
        elif name.endswith(("beta", "gamma")):
            values *= np.float32(0.3)
        elif name.endswith("bias"):
            values *= np.float32(0.05)
        else:
            values /= np.float32(np.sqrt(np.prod(shape[1:])))
        net[name] = torch.from_numpy(values)
    return net


@pytest.fixture(scope="module")
def small(data_folder: Path) -> dict[str, np.ndarray]:
    with np.load(data_folder / "small.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def small_model(small: dict[str, np.ndarray]) -> APANet:
    state = {k.removeprefix("state/"): v for k, v in small.items() if k.startswith("state/")}
    return load({name: torch.from_numpy(value) for name, value in state.items()})


def test_the_small_networks_settings_are_read_off_its_weights(small_model: APANet) -> None:
    assert small_model.config == ApanetConfig(
        width=8, blocks=(1, 2, 1, 2), memory_size=(16,) * 4, memory_eps=RELEASED_MEMORY_EPS
    )


# The second is what benchmarks compare with.
FORMULATIONS = {"fused": lambda model: model, "stored_scores": in_released_formulation}


@pytest.mark.parametrize("formulation", FORMULATIONS)
@torch.inference_mode()
def test_the_small_network_agrees(
    small: dict[str, np.ndarray], small_model: APANet, formulation: str
) -> None:
    model = FORMULATIONS[formulation](small_model)
    left, right, taps = model.forward_with_taps(*views(small["input"]))

    found = {
        "output": torch.cat([left, right], dim=1),
        "enc1_left": taps.encoder[0],
        "enc1_right": taps.encoder[1],
        "dec1_left": taps.decoder[0],
        "dec1_right": taps.decoder[1],
    }
    for name, ours in found.items():
        assert np.abs(ours.numpy() - small[name]).max() <= TOLERANCE, name


@pytest.mark.parametrize("formulation", FORMULATIONS)
@torch.inference_mode()
def test_the_papers_network_agrees(data_folder: Path, formulation: str) -> None:
    names = json.loads((data_folder / "paper_state_dict.json").read_text())
    model = FORMULATIONS[formulation](load(paper_weights(names)))
    with np.load(data_folder / "paper.npz") as file:
        found = torch.cat(model(*views(file["input"])), dim=1)
        difference = np.abs(found.numpy() - file["output"]).max()

    assert difference <= TOLERANCE
    assert sum(parameter.numel() for parameter in model.parameters()) == 8_013_443
    assert model.config == ApanetConfig(memory_eps=RELEASED_MEMORY_EPS)
