"""The shipped weights files, read without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from apanet_core import weights
from apanet_core.network.config import CONFIG_KEY, ApanetConfig
from apanet_core.weights import resolve_weights, shipped_names
from apanet_core.weights.hashes import LIST, read_list, sha256

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


@each_shipped
def test_the_list_of_hashes_is_true(name: str) -> None:
    """After a change: `sha256sum *.safetensors > SHA256SUMS` in apanet_core/weights."""
    path = resolve_weights(name)

    assert read_list(LIST).get(path.name) == sha256(path)


def test_the_list_names_nothing_else() -> None:
    assert sorted(read_list(LIST)) == [f"{name}.safetensors" for name in shipped_names()]
