from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.errors import CheckpointError
from apanet_core.network.apanet import APANet
from apanet_core.network.released import from_released, released_config, released_name


@pytest.fixture(scope="module")
def paper_shapes(data_folder) -> dict[str, list[int]]:
    return json.loads((data_folder / "paper_state_dict.json").read_text())


@pytest.fixture
def net(paper_shapes) -> dict[str, torch.Tensor]:
    return {name: torch.empty(shape, device="meta") for name, shape in paper_shapes.items()}


@pytest.fixture(scope="module")
def ours() -> dict[str, torch.Tensor]:
    with torch.device("meta"):
        return APANet().state_dict()


def test_our_names_and_the_released_ones_match_one_to_one(paper_shapes, ours) -> None:
    theirs = [released_name(name) for name in ours]

    assert len(theirs) == len(set(theirs)) == 1134
    assert set(theirs) == set(paper_shapes)
    assert {released_name(name): list(value.shape) for name, value in ours.items()} == paper_shapes


@pytest.mark.parametrize(
    ("name", "released"),
    [
        ("stem.bias", "project_in.bias"),
        ("head.weight", "project_out.weight"),
        ("down.0.0.weight", "down1_2.body.0.weight"),
        ("up.2.0.weight", "up4_3.body.0.weight"),
        ("reduce.1.bias", "reduce_chan_level2.bias"),
        (
            "encoder.0.3.eam.attention.memory_key.weight",
            "encoder_level1.3.spatial_block.attn.EAttentionBlock.mk.weight",
        ),
        (
            "decoder.2.5.eam.feed_forward.depthwise.bias",
            "decoder_level3.5.spatial_block.ffn.dwconv.bias",
        ),
        ("latent.7.apam.right_score.weight", "latent.7.stereo_block.r_proj1.weight"),
        ("latent.0.apam.gamma", "latent.0.stereo_block.gamma"),
    ],
)
def test_names(name: str, released: str) -> None:
    assert released_name(name) == released


def test_a_missing_weight_is_named(net, ours) -> None:
    del net["latent.3.stereo_block.beta"]

    with pytest.raises(
        CheckpointError, match=r"lacks latent.3.stereo_block.beta \(1 missing, 0 unknown\)"
    ):
        from_released(net, ours)


def test_an_unknown_weight_is_named(net, ours) -> None:
    net["classifier.weight"] = torch.zeros(1)

    with pytest.raises(
        CheckpointError, match=r"has the unknown classifier.weight \(0 missing, 1 unknown\)"
    ):
        from_released(net, ours)


@pytest.mark.parametrize(
    "foreign",
    [
        {},
        {"conv1.weight": torch.zeros(64, 3, 7, 7)},
        {"project_in.weight": torch.tensor(3.0)},
    ],
)
def test_a_foreign_network_is_no_apanet(foreign) -> None:
    with pytest.raises(CheckpointError, match="it is not a released APANet: it lacks "):
        released_config(foreign)
