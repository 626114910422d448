"""`apanet derain` from the command line: what it refuses, and what it says when interrupted."""

from __future__ import annotations

import numpy as np
import pytest

from apanet_core.imaging.files import write_rgb
from apanet_core.recordings.unfinished import work_folder_of
from apanet_ros.bags import derain_job
from apanet_ros.cli import main


@pytest.fixture
def drive(tmp_path):
    for view in ("left", "right"):
        (tmp_path / "drive" / view).mkdir(parents=True)
        write_rgb(tmp_path / "drive" / view / "0.png", np.zeros((8, 8, 3), np.uint8))
    return tmp_path / "drive"


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        (True, "interrupted; run the same command again to go on from here"),
        (False, "interrupted; nothing was whole yet"),
    ],
)
def test_an_interruption_says_what_is_kept(tmp_path, drive, monkeypatch, capsys, kept, sentence):
    def interrupted(job):
        if kept:
            work_folder_of(job.output).mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(derain_job, "derain_any", interrupted)

    assert main(["derain", str(drive), "-o", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err.strip() == sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere", "-o", "out"], "No file or folder nowhere: check the path."),
        (["drive", "-o", "out", "--topics", "/a", "/b"], "--topics is for bags, and no input is"),
        (["drive", "-o", "out", "--compare", "look.webm"], "look.webm is no name of a video"),
        (["dri*x", "-o", "out"], "Nothing matches dri*x: check the pattern."),
    ],
)
def test_wrong_words_are_told(tmp_path, drive, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)

    assert main(["derain", *words]) == 2
    assert sentence in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["drive"]
