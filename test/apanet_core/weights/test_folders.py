from __future__ import annotations

from pathlib import Path

import pytest

from apanet_core.weights.folders import imported_names, shipped_names, user_folder


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "/home/me/.local/share/apanet/weights"),
        ({"XDG_DATA_HOME": ""}, "/home/me/.local/share/apanet/weights"),
        ({"XDG_DATA_HOME": "/data"}, "/data/apanet/weights"),
        ({"XDG_DATA_HOME": "/data", "APANET_WEIGHTS": "/mine"}, "/mine"),
    ],
)
def test_the_users_folder(monkeypatch, environment, expected) -> None:
    for name in ("APANET_WEIGHTS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **environment}.items():
        monkeypatch.setenv(name, value)

    assert user_folder() == Path(expected)


def test_imported_names_are_sorted_and_none_is_shipped(user_folder) -> None:
    assert imported_names() == ()

    user_folder.mkdir()
    for name in ("road.safetensors", "city.safetensors", "notes.md", "tiny.safetensors"):
        (user_folder / name).touch()

    assert imported_names() == ("city", "road")
    assert "tiny" in shipped_names()
