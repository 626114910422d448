from __future__ import annotations

import pytest

pytest.importorskip("torch")

import re
import resource

import torch

from apanet_core.errors import CheckpointError
from apanet_core.training.state import load_state, save_state

STATE = {"step": 3, "best_psnr": float("-inf"), "model": {"weight": torch.arange(1000.0)}}


def test_what_is_saved_is_loaded(tmp_path) -> None:
    save_state(tmp_path, {**STATE, "step": 2})
    save_state(tmp_path, STATE)

    found = load_state(tmp_path)

    assert found is not None
    assert (found["step"], found["best_psnr"]) == (3, float("-inf"))
    assert torch.equal(found["model"]["weight"], STATE["model"]["weight"])
    assert [file.name for file in tmp_path.iterdir()] == ["state.pt"]


def test_a_new_folder_has_no_state(tmp_path) -> None:
    assert load_state(tmp_path) is None


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_damaged_file_is_named_and_what_to_do(tmp_path, share: float) -> None:
    save_state(tmp_path, STATE)
    path = tmp_path / "state.pt"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(
        CheckpointError,
        match=re.escape(f"{path} is damaged: move it away to start this training anew."),
    ):
        load_state(tmp_path)


@pytest.mark.parametrize("other", [STATE, {"format": 1, **STATE}])
def test_what_another_version_saved_is_not_guessed_at(tmp_path, other) -> None:
    torch.save(other, tmp_path / "state.pt")
    with pytest.raises(
        CheckpointError, match=r"state\.pt was written by another version .*: go on with that one"
    ):
        load_state(tmp_path)


def test_a_save_on_a_full_disk_keeps_the_last_state(tmp_path) -> None:
    save_state(tmp_path, STATE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            save_state(tmp_path, {**STATE, "step": 4})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    found = load_state(tmp_path)
    assert found is not None
    assert found["step"] == 3
