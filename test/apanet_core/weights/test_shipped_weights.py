"""The shipped weights files, read without torch."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from apanet_core import weights
from apanet_core.errors import CheckpointError
from apanet_core.network.config import CONFIG_KEY, ApanetConfig
from apanet_core.weights import resolve_weights, shipped_names

each_shipped = pytest.mark.parametrize("name", shipped_names())


def test_the_default_is_shipped() -> None:
    assert "tiny" in shipped_names()
    assert list(shipped_names()) == sorted(shipped_names())


@each_shipped
def test_a_name_is_a_file(name: str) -> None:
    assert resolve_weights(name) == Path(weights.__file__).parent / f"{name}.safetensors"
    assert resolve_weights(str(resolve_weights(name))) == resolve_weights(name)


@each_shipped
def test_weights_are_float16_finite_and_hold_their_configuration(name: str) -> None:
    with safe_open(resolve_weights(name), framework="numpy") as file:
        config = ApanetConfig.from_json(file.metadata()[CONFIG_KEY])
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118

    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float16)}
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())
    assert tensors["stem.weight"].shape[0] == config.width


@each_shipped
def test_a_model_card_names_data_terms_and_what_was_measured(name: str) -> None:
    card = resolve_weights(name).with_suffix(".md").read_text(encoding="utf-8")

    assert card.startswith("# ")
    for word in (name, "KITTI", "BY-NC-SA", "PSNR", "seed", f"apanet train {name}"):
        assert word in card, f"the model card of {name} does not say {word!r}"


@pytest.mark.parametrize("source", ["huge", "no/such/file.safetensors", ""])
def test_unknown_weights_list_the_shipped_ones(source: str) -> None:
    shipped = ", ".join(shipped_names())

    with pytest.raises(
        CheckpointError,
        match=re.escape(
            f"No weights {source!r}: give a path to a .safetensors, .pth or .onnx file, or a "
            f"shipped name ({shipped})."
        ),
    ):
        resolve_weights(source)
