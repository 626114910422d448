from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from apanet_core.network.config import CONFIG_KEY, ApanetConfig

WriteWeights = Callable[..., Path]


@pytest.fixture
def user_folder(tmp_path, monkeypatch) -> Path:
    """The folder of imported weights, not yet made."""
    monkeypatch.setenv("APANET_WEIGHTS", str(tmp_path / "user"))
    return tmp_path / "user"


@pytest.fixture
def write_weights() -> WriteWeights:
    """Write a file that says it is an APANet, of 10 numbers, without torch."""

    def write(path: Path, metadata: dict[str, str] | None = None, value: float = 1.0) -> Path:
        path.parent.mkdir(exist_ok=True)
        config = ApanetConfig(width=4, blocks=(1, 1), memory_size=(2, 2), parallax=(True, True))
        tensors = {"a": np.full((2, 3), value, np.float16), "b": np.ones(4, np.float16)}
        save_file(tensors, path, {CONFIG_KEY: config.to_json(), **(metadata or {})})
        return path

    return write
