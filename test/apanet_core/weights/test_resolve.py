from __future__ import annotations

import re

import pytest

from apanet_core.errors import CheckpointError
from apanet_core.weights import resolve_weights, shipped_names


def test_an_imported_name_is_a_file_of_the_user(user_folder, tmp_path, monkeypatch) -> None:
    user_folder.mkdir()
    (user_folder / "road.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "road").touch()

    assert resolve_weights("road") == user_folder / "road.safetensors"
    assert str(resolve_weights("./road")) == "road"


def test_a_shipped_name_comes_before_an_imported_one(user_folder) -> None:
    before = resolve_weights("tiny")
    user_folder.mkdir()
    (user_folder / "tiny.safetensors").touch()

    assert resolve_weights("tiny") == before


@pytest.mark.parametrize("source", ["huge", "no/such/file.safetensors", ""])
def test_unknown_weights_list_the_names_of_both_kinds(user_folder, source: str) -> None:
    start = (
        f"No weights {source!r}: give a path to a .safetensors, .pth or .onnx file, a shipped "
        f"name ({', '.join(shipped_names())}) or one that `apanet weights import` made "
    )
    with pytest.raises(CheckpointError, match=re.escape(f"{start}(none yet).")):
        resolve_weights(source)

    user_folder.mkdir()
    (user_folder / "road.safetensors").touch()
    (user_folder / "city.safetensors").touch()

    with pytest.raises(CheckpointError, match=re.escape(f"{start}(city, road).")):
        resolve_weights(source)
