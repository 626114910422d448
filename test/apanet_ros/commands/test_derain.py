"""`apanet derain` from the command line: what it refuses, and what it says when interrupted."""

from __future__ import annotations

import numpy as np
import pytest

from apanet_core.imaging.files import write_rgb
from apanet_core.recordings import job as job_module
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
        (["drive", "-o", "out", "--slop", "-1"], "--slop must be 0 or more milliseconds, got -1"),
        (["drive", "-o", "out", "--compare", "look.webm"], "look.webm is no name of a video"),
        (["dri*x", "-o", "out"], "Nothing matches dri*x: check the pattern."),
    ],
)
def test_wrong_words_are_told(tmp_path, drive, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)

    assert main(["derain", *words]) == 2
    assert sentence in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["drive"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-o", "drive"], "drive holds the input"),
        (["-o", "drive/left"], "drive/left is the input"),
        (["-o", "drive/right/out"], "drive/right/out lies in the input"),
        (["-o", "out", "--compare", "drive"], "drive holds the input"),
        (["-o", "out", "--compare", "./out"], "out is the output as well; give another --compare"),
        (["-o", "precious"], "precious holds thesis.txt, which the new output does not: move it"),
        (["-o", "out", "--compare", "precious"], "precious holds thesis.txt, which the new output"),
    ],
)
def test_force_destroys_neither_input_nor_anything_else(
    tmp_path, drive, monkeypatch, capsys, words, sentence
):
    monkeypatch.chdir(tmp_path)
    (drive / "calib.yaml").write_text("focal")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/thesis.txt").write_text("years")
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}

    assert main(["derain", "drive", *words, "--force"]) == 2

    assert sentence in capsys.readouterr().err
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_one_of_many_does_not_replace_the_input_of_another(tmp_path, drive, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    drive.rename(tmp_path / "here")
    for view in ("left", "right"):
        (tmp_path / "there/here/inner" / view).mkdir(parents=True)

    words = ["here", "there/here/inner", "--each", "-o", "there", "--force"]
    assert main(["derain", *words]) == 2
    assert "there/here holds the input" in capsys.readouterr().err
    assert (tmp_path / "there/here/inner/right").is_dir()
    assert not (tmp_path / "there/inner").exists()


def test_an_interrupted_comparison_says_that_the_output_is_whole(
    tmp_path, drive, monkeypatch, capsys
):
    class Stand:
        def derain(self, left, right):
            return 255 - left, 255 - right

    def interrupted(*_):
        raise KeyboardInterrupt

    out, look = tmp_path / "out", tmp_path / "look.mp4"
    words = ["derain", str(drive), "-o", str(out), "--compare", str(look)]
    monkeypatch.setattr(job_module, "derainer_of", lambda *_: Stand())
    with monkeypatch.context() as patch:
        patch.setattr(job_module, "write_comparison", interrupted)
        assert main(words) == 130
    assert f"interrupted; {out} is whole and only {look} is missing" in capsys.readouterr().err
    assert (out / "right/0.png").is_file()

    # What is advised works.
    assert main([*words, "--force"]) == 0
    assert look.is_file()
