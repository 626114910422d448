from __future__ import annotations

import dataclasses
import stat

import pytest

from apanet_core.runtime.engine_cache import NOTE, EngineFolder, EngineKey, cache_folder

KEY = EngineKey("a" * 64, "float16", 376, 1248, "ONNX Runtime 1.23, TensorRT 10", "Orin, 8.7")


@pytest.fixture
def built(tmp_path):
    """The folder of engines that were built and noted."""
    folder = EngineFolder(tmp_path, KEY)
    assert not folder.ready
    (folder.path / "part_0.engine").write_bytes(b"engine")
    folder.note()
    assert folder.ready
    return folder.path


def test_engines_are_used_again(built, tmp_path) -> None:
    again = EngineFolder(tmp_path, KEY)

    assert again.ready
    assert again.path == built
    assert (built / "part_0.engine").read_bytes() == b"engine"


def test_only_their_owner_may_put_engines_there(built) -> None:
    assert stat.S_IMODE(built.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "change",
    [
        {"model": "b" * 64},
        {"precision": "float32"},
        {"height": 384},
        {"width": 1242},
        {"runtime": "ONNX Runtime 1.24, TensorRT 10"},
        {"gpu": "Xavier, 7.2"},
    ],
)
@pytest.mark.usefixtures("built")
def test_another_network_size_or_machine_has_its_own(tmp_path, change: dict[str, object]) -> None:
    assert not EngineFolder(tmp_path, dataclasses.replace(KEY, **change)).ready
    assert EngineFolder(tmp_path, KEY).ready


def changed(folder) -> None:
    (folder / "part_0.engine").write_bytes(b"another")


def added(folder) -> None:
    (folder / "part_1.engine").write_bytes(b"more")


def removed(folder) -> None:
    (folder / "part_0.engine").unlink()


def without_note(folder) -> None:
    (folder / NOTE).unlink()


def half_a_note(folder) -> None:
    (folder / NOTE).write_text('{"key": ')


def of_another(folder) -> None:
    note = folder / NOTE
    note.write_text(note.read_text().replace("Orin", "Xavier"))


@pytest.mark.parametrize("spoil", [changed, added, removed, without_note, half_a_note, of_another])
def test_what_is_not_as_noted_is_thrown_away(built, tmp_path, spoil) -> None:
    spoil(built)

    again = EngineFolder(tmp_path, KEY)

    assert not again.ready
    assert list(again.path.iterdir()) == []


def test_the_cache_lies_where_users_say(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("APANET_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "apanet"

    monkeypatch.setenv("APANET_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
