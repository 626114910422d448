from __future__ import annotations

import sys

import pytest

from apanet_core.errors import ApanetError, CheckpointError
from apanet_core.evaluation.perceptual import choose_perceptual


def test_turned_off_it_says_so() -> None:
    found = choose_perceptual("off")

    assert (found.title, found.distance) == ("LPIPS", None)
    assert found.remark == "LPIPS is empty: it was turned off."


def test_without_torch_it_says_so(monkeypatch) -> None:
    for name in [name for name in sys.modules if name.startswith("apanet_core.metrics.lpips")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)

    assert choose_perceptual("auto").remark == (
        "LPIPS is empty: it is computed with torch, which is not installed."
    )
    with pytest.raises(ApanetError, match="computed with torch, which is not installed: pip"):
        choose_perceptual("alexnet.pth")


def test_without_weights_it_says_where_it_looked(tmp_path, monkeypatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    found = choose_perceptual("auto")

    assert found.distance is None
    assert f"AlexNet is not in {tmp_path / 'hub' / 'checkpoints'}" in found.remark
    assert found.remark.endswith("give it as --lpips FILE.")


def test_a_damaged_cache_leaves_it_empty_and_a_damaged_file_is_refused(
    tmp_path, monkeypatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    path = tmp_path / "hub" / "checkpoints" / "alexnet-owt-0.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")

    assert "LPIPS is empty: Cannot load LPIPS from" in choose_perceptual("auto").remark
    with pytest.raises(CheckpointError, match="Cannot load LPIPS from"):
        choose_perceptual(str(path))
