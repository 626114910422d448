from __future__ import annotations

import json
import os
import pickle
import re
import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from apanet_core.errors import CheckpointError
from apanet_core.network.apanet import APANet
from apanet_core.network.checkpoint import load_model, save_model
from apanet_core.network.config import CONFIG_KEY, RELEASED_MEMORY_EPS, ApanetConfig


@pytest.fixture
def model(make_network, small_config) -> APANet:
    return make_network(small_config)


@pytest.fixture
def weights(tmp_path, model) -> Path:
    """The model in a file."""
    path = tmp_path / "weights.safetensors"
    save_model(model, path)
    return path


@pytest.fixture(scope="module")
def net(data_folder) -> dict[str, torch.Tensor]:
    """A small state dict of the released network."""
    with np.load(data_folder / "small.npz") as file:
        return {
            name.removeprefix("state/"): torch.from_numpy(file[name])
            for name in file
            if name.startswith("state/")
        }


def released_file(path: Path, net: object, best_psnr: object = 36.11) -> Path:
    content = {
        "net": net,
        "optimizer": {"state": {0: {"step": torch.tensor(9.0)}}, "param_groups": [{"lr": 3e-4}]},
        "scheduler": {"T_max": 250, "last_epoch": 9},
        "initial_epoch": 10,
        "best_psnr": best_psnr,
    }
    torch.save(content, path)
    return path


def cannot_load(path: Path, reason: str):
    return pytest.raises(CheckpointError, match=f"Cannot load {re.escape(str(path))}: {reason}")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_what_is_saved_is_loaded(tmp_path, model, dtype) -> None:
    path = tmp_path / "weights.safetensors"
    save_model(model, path, dtype, {"trained on": "rain"})

    loaded = load_model(path)

    assert {tensor.dtype for tensor in load_file(path).values()} == {dtype}
    assert loaded.config == model.config
    assert not loaded.training
    for name, tensor in model.state_dict().items():
        assert loaded.state_dict()[name].dtype == torch.float32
        assert torch.equal(loaded.state_dict()[name], tensor.to(dtype).float()), name
    with safe_open(path, framework="pt") as file:
        assert file.metadata()["trained on"] == "rain"
    assert [file.name for file in tmp_path.iterdir()] == ["weights.safetensors"]


@pytest.mark.parametrize("best_psnr", [36.11, np.float64(36.11), torch.tensor(36.11)])
def test_a_released_file_is_loaded(tmp_path, net, best_psnr) -> None:
    loaded = load_model(released_file(tmp_path / "best.pth", net, best_psnr))

    assert loaded.config == ApanetConfig(
        width=8, blocks=(1, 2, 1, 2), memory_size=(16,) * 4, memory_eps=RELEASED_MEMORY_EPS
    )
    assert torch.equal(loaded.stem.weight, net["project_in.weight"])


@pytest.mark.parametrize("source", ["no_such_name", "no/such/file.pth"])
def test_an_unknown_source_is_refused(source: str) -> None:
    with pytest.raises(CheckpointError, match=f"No weights '{source}': give a path .*shipped name"):
        load_model(source)


def test_an_unknown_ending_is_refused(tmp_path, weights) -> None:
    path = weights.rename(tmp_path / "weights.bin")

    with cannot_load(path, "its ending is '.bin'; APANet weights end in .safetensors, .pth"):
        load_model(path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.99])
def test_a_truncated_file_of_ours_is_refused(weights, share: float) -> None:
    weights.write_bytes(weights.read_bytes()[: int(weights.stat().st_size * share)])

    with cannot_load(weights, "it is no whole safetensors file"):
        load_model(weights)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.99])
def test_a_truncated_released_file_is_refused(tmp_path, net, share: float) -> None:
    path = released_file(tmp_path / "best.pth", net)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with cannot_load(path, "it (is no whole torch checkpoint|holds more than weights)"):
        load_model(path)


class RunsACommand:
    """When unpickled by a careless reader, makes the file `marker` in the working folder."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch marker",)


def write_plain_pickle(content: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(content, protocol=2))


@pytest.mark.parametrize("writer", [torch.save, write_plain_pickle])
def test_nothing_in_a_pickle_is_executed(tmp_path, monkeypatch, net, writer) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "best.pth"
    writer({"net": net, "scheduler": RunsACommand()}, path)

    with cannot_load(path, "it holds more than weights and was not loaded"):
        load_model(path)

    assert not (tmp_path / "marker").exists()


def test_the_pickle_of_that_test_is_dangerous(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    pickle.loads(pickle.dumps(RunsACommand()))

    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    "content",
    [
        [torch.zeros(1)],
        {"state_dict": {}},
        {"net": [1, 2]},
        {"net": {"stem": 3}},
        {"net": {3: torch.zeros(1)}},
    ],
)
def test_a_torch_file_without_released_weights_is_refused(tmp_path, content) -> None:
    path = tmp_path / "other.pth"
    torch.save(content, path)

    with cannot_load(path, "it has no table of weights under 'net', as released files do"):
        load_model(path)


def test_a_released_file_of_another_network_is_refused(tmp_path) -> None:
    path = released_file(tmp_path / "other.pth", {"conv1.weight": torch.zeros(8, 3, 7, 7)})

    with cannot_load(path, "it is not a released APANet: it lacks the weights project_in.weight"):
        load_model(path)


def test_a_released_file_that_lacks_a_weight_is_refused(tmp_path, net) -> None:
    net = {name: value for name, value in net.items() if name != "latent.1.stereo_block.beta"}
    path = released_file(tmp_path / "best.pth", net)

    with cannot_load(path, "it lacks latent.1.stereo_block.beta"):
        load_model(path)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (None, f"its metadata has no {CONFIG_KEY}, so it is not an APANet"),
        ({CONFIG_KEY: "{"}, "The network's settings are no JSON: "),
        ({CONFIG_KEY: "[]"}, "The network's settings are no JSON object"),
        ({CONFIG_KEY: '{"depth": 3}'}, "Unknown network setting depth; valid: "),
        ({CONFIG_KEY: '{"width": "wide"}'}, "Network setting width has the wrong type: 'wide'"),
    ],
)
def test_a_foreign_safetensors_file_is_refused(tmp_path, metadata, reason) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, path, metadata)

    with cannot_load(path, reason):
        load_model(path)


def rewrite(
    path: Path, change: Callable[[dict[str, torch.Tensor], dict[str, object]], None]
) -> None:
    """Change tensors or configuration of a file."""
    with safe_open(path, framework="pt") as file:
        config = json.loads(file.metadata()[CONFIG_KEY])
    tensors = load_file(path)
    change(tensors, config)
    save_file(tensors, path, {CONFIG_KEY: json.dumps(config)})


KEYS = "latent.0.eam.attention.memory_key.weight"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda _, config: config.update(memory_size=[4, 6]),
            rf"tensor {KEYS} is \[4, 16\], its configuration makes it \[6, 16\]",
        ),
        (lambda tensors, _: tensors.pop(KEYS), f"tensor {KEYS} is missing"),
        (
            lambda _, config: config.update(parallax=[True, False]),
            "tensor latent.0.apam.beta is not part of its configuration",
        ),
        (
            lambda tensors, _: tensors[KEYS][2].fill_(float("nan")),
            f"tensor {KEYS} holds values that are not finite",
        ),
        (
            lambda tensors, _: tensors["head.bias"][0].fill_(float("inf")),
            "tensor head.bias holds values that are not finite",
        ),
    ],
)
def test_a_tensor_that_does_not_match_is_named(weights, change, reason) -> None:
    rewrite(weights, change)

    with cannot_load(weights, reason):
        load_model(weights)


def test_a_full_disk_leaves_the_old_file_whole(weights, make_network, small_config) -> None:
    before = weights.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(Exception, match=r"(?i)file too large|os error 27"):
            save_model(make_network(small_config, seed=1), weights)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert weights.read_bytes() == before


@pytest.fixture(scope="module")
def plain(tmp_path_factory, net) -> APANet:
    """The released network, from a file as it was released."""
    return load_model(released_file(tmp_path_factory.mktemp("plain") / "a.pth", net))


@pytest.mark.parametrize("suffix", [".pt", ".ckpt", ".PTH", ".Pt"])
def test_a_torch_file_may_end_otherwise(tmp_path, net, plain, suffix: str) -> None:
    assert_same(load_model(released_file(tmp_path / f"a{suffix}", net)), plain)


def prefixed(net: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {f"{prefix}{name}": value for name, value in net.items()}


WRAPPED = {
    "bare": lambda net: net,
    "params": lambda net: {"params": net},
    "state_dict": lambda net: {"state_dict": net, "epoch": 3},
    "model": lambda net: {"model": net, "optimizer": {"lr": 1e-3}},
    "ema first": lambda net: {"params": {"a": torch.ones(1)}, "params_ema": net},
    "one in the other": lambda net: {"model": {"state_dict": net}},
    "data parallel": lambda net: {"net": prefixed(net, "module.")},
    "compiled, parallel": lambda net: {"state_dict": prefixed(net, "module._orig_mod.")},
    "lightning": lambda net: {"state_dict": prefixed(net, "net."), "global_step": np.int64(7)},
    "numpy numbers": lambda net: {
        "net": net,
        "best": [np.float32(1.5), np.int32(2), np.bool_(True), np.uint8(3), np.str_("a")],
    },
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_wrapped_weights_are_the_same_weights(tmp_path, net, plain, wrap) -> None:
    path = tmp_path / "wrapped.pth"
    torch.save(wrap(net), path)

    assert_same(load_model(path), plain)


def test_a_prefix_that_not_all_names_have_is_no_prefix(tmp_path, net) -> None:
    path = tmp_path / "mixed.pth"
    torch.save({"net": {**net, "module.extra": torch.ones(1)}}, path)

    with cannot_load(path, "it has the unknown module.extra"):
        load_model(path)


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth", "a.CKPT"])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (
            "<!DOCTYPE html>\n<html>",
            "it is a web page, not weights; download",
        ),
        ("\ufeff  <HTML lang='en'>", "it is a web page, not weights; download"),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "it is a Git LFS pointer, not the weights themselves; fetch them with `git lfs pull`",
        ),
    ],
)
def test_what_a_failed_download_left_is_called_that(
    tmp_path, name: str, content: str, what: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    with cannot_load(path, what):
        load_model(path)


def assert_same(found: APANet, expected: APANet) -> None:
    assert found.config == expected.config
    for name, tensor in expected.state_dict().items():
        assert torch.equal(found.state_dict()[name], tensor)
