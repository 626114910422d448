from __future__ import annotations

import json

import pytest

pytest.importorskip("matplotlib")

from apanet_core.downstream import report_folder
from apanet_core.downstream.poses_file import read_poses
from apanet_core.downstream.report_folder import Comparison, write_folder
from apanet_core.errors import ConfigError

ABOUT = [("pairs", "made, 2 pairs")]


def test_everything_is_written(make_results, tmp_path) -> None:
    write_folder(tmp_path / "a" / "out", Comparison(make_results(), [], ABOUT), force=False)

    out = tmp_path / "a" / "out"
    names = ["pairs.csv", "report.html", "report.md", "results.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert [path.name for path in out.parent.iterdir()] == ["out"], "nothing is left beside it"
    assert "| bad-3px, % against clean" in (out / "report.md").read_text()
    assert json.loads((out / "results.json").read_text())["conditions"][1] == "tiny"


def test_trajectories_of_a_sequence_are_written(make_results, tmp_path) -> None:
    results = make_results(sequence=True)

    write_folder(tmp_path / "out", Comparison(results, [], ABOUT), force=False)

    poses = read_poses(tmp_path / "out" / "poses" / "tiny.txt", 11)
    assert poses[-1, 2, 3] == pytest.approx(12)
    names = {path.stem for path in (tmp_path / "out" / "poses").iterdir()}
    assert names == {"rainy", "tiny", "clean", "reference"}


def test_an_output_that_exists_is_kept_unless_forced(make_results, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.md").write_text("old")
    (tmp_path / "out" / "mine.txt").write_text("mine")
    comparison = Comparison(make_results(), [], ABOUT)

    with pytest.raises(ConfigError, match=r"out exists; give another output, or --force"):
        write_folder(tmp_path / "out", comparison, force=False)
    with pytest.raises(ConfigError, match=r"out holds mine\.txt, which the new output does not"):
        write_folder(tmp_path / "out", comparison, force=True)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"

    (tmp_path / "out" / "mine.txt").unlink()
    write_folder(tmp_path / "out", comparison, force=True)
    assert (tmp_path / "out" / "report.html").is_file()
    assert (tmp_path / "out" / "report.md").read_text() != "old"


def test_nothing_is_left_half_written(make_results, tmp_path, monkeypatch) -> None:
    def broken(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(report_folder, "as_json", broken)

    with pytest.raises(OSError, match="No space left"):
        write_folder(tmp_path / "out", Comparison(make_results(), [], ABOUT), force=False)
    assert list(tmp_path.iterdir()) == []
