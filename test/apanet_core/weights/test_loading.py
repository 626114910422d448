from __future__ import annotations

import sys

import pytest

from apanet_core.errors import CheckpointError
from apanet_core.weights import resolve_weights
from apanet_core.weights.loading import check_loads


@pytest.fixture
def no_torch(monkeypatch) -> None:
    """Make importing torch fail, as if it were not installed."""

    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "apanet_core.network.checkpoint", raising=False)


def test_the_shipped_weights_load() -> None:
    pytest.importorskip("torch")

    assert check_loads(resolve_weights("tiny")) == "loads"


def test_with_torch_the_weights_must_fit_their_settings(tmp_path, write_weights) -> None:
    pytest.importorskip("torch")

    with pytest.raises(CheckpointError, match="tensor a is not part of its configuration"):
        check_loads(write_weights(tmp_path / "a.safetensors"))


def test_without_torch_a_file_is_read_whole(no_torch, tmp_path, write_weights) -> None:
    assert check_loads(write_weights(tmp_path / "a.safetensors")) == (
        "whole and finite; loading it needs torch, which is not installed"
    )
    with pytest.raises(CheckpointError, match="tensor a holds values that are not finite"):
        check_loads(write_weights(tmp_path / "b.safetensors", value=float("nan")))


def test_without_torch_a_released_file_asks_for_it(no_torch, tmp_path) -> None:
    with pytest.raises(ModuleNotFoundError) as missing:
        check_loads(tmp_path / "a.pth")

    assert missing.value.name == "torch"
