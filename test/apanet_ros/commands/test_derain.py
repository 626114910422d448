"""`apanet derain` from the command line: what it refuses, and what it says when interrupted."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_core.recordings import job as job_module
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import work_folder_of
from apanet_core.recordings.videos import VideoReader, VideoWriter
from apanet_ros.bags import derain_job
from apanet_ros.cli import main

SMALL_MODEL = Path(__file__).parents[2] / "data" / "small.onnx"


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


@pytest.mark.parametrize("whole_group", [True, False], ids=["keyboard", "kill"])
def test_an_interrupted_fleet_says_what_is_kept_and_goes_on(tmp_path, drive, whole_group):
    pytest.importorskip("onnxruntime")
    for name, count in (("drive0", 1), ("drive1", 400), ("drive2", 400), ("drive3", 400)):
        for view in ("left", "right"):
            (tmp_path / name / view).mkdir(parents=True)
            for number in range(count):
                write_rgb(tmp_path / name / view / f"{number}.png", np.zeros((64, 64, 3), np.uint8))
    words = ["derain", f"{drive}[0-9]", "-o", str(tmp_path / "out"), "--processes", "2"]
    words += ["--model", str(SMALL_MODEL), "--device", "cpu"]
    run = [sys.executable, "-m", "apanet_ros.cli", *words]
    fleet = subprocess.Popen(
        run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "out").glob(".drive*.unfinished/state.json"))) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (os.killpg if whole_group else os.kill)(fleet.pid, signal.SIGINT)
    _, errors = fleet.communicate(timeout=120)

    assert fleet.returncode == 130, errors
    assert "Traceback" not in errors
    sentence = (
        "interrupted; 1 of 4 recordings is whole, and of the others what was derained is kept: run "
        "the same command again to go on from here (it names the whole ones as existing, and "
        "leaves them as they are)"
    )
    assert sentence in errors.splitlines()
    kept = [
        json.loads(path.read_text())["done"]
        for path in (tmp_path / "out").glob(".drive*.unfinished/state.json")
    ]
    assert len(kept) == 2, "the third was not begun"
    assert all(0 < done < 400 for done in kept)


@pytest.fixture
def jobs(monkeypatch):
    """The jobs of a run, none of which is done."""
    jobs = []

    def note(job):
        jobs.append(job)
        return Tally(derained=1)

    monkeypatch.setattr(derain_job, "derain_any", note)
    return jobs


def test_the_one_match_of_a_pattern_goes_into_the_output_folder(tmp_path, drive, jobs):
    for word in (str(drive), f"{drive}*"):
        assert main(["derain", word, "-o", str(tmp_path / "out")]) == 0

    assert [job.output for job in jobs] == [tmp_path / "out", tmp_path / "out" / "drive"]


def test_comparisons_of_dated_bags_keep_apart(tmp_path, jobs):
    for name in ("run.1", "run.2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metadata.yaml").touch()
    look = tmp_path / "look"

    words = ["derain", str(tmp_path / "run.*"), "-o", str(tmp_path / "out")]
    assert main([*words, "--compare", str(look)]) == 0

    assert [job.compare for job in jobs] == [look / "run.1.mp4", look / "run.2.mp4"]


def test_comparisons_of_one_name_are_refused_before_anything_is_made(tmp_path, jobs, capsys):
    for name in ("a.mp4", "a.mkv"):
        (tmp_path / name).touch()
    out = tmp_path / "out"

    assert main(["derain", str(tmp_path / "a.*"), "-o", str(out), "--compare", str(out)]) == 2

    assert "Several comparisons would be called a.mp4" in capsys.readouterr().err
    assert not jobs
    assert not out.exists()


def test_a_recording_that_fails_is_named_and_the_others_go_on(tmp_path, drive, monkeypatch, capsys):
    shutil.copytree(drive, tmp_path / "drive2")

    def full_disk(job):
        if job.recording.name == "drive":
            raise OSError(errno.ENOSPC, "No space left on device")
        return Tally(derained=1)

    monkeypatch.setattr(derain_job, "derain_any", full_disk)

    assert main(["derain", f"{drive}*", "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "[1/2] drive: failed: No space left on device; make room, or choose another disk.",
        f"[2/2] {tmp_path / 'out' / 'drive2'}: 1 pair derained",
    ]
    assert said.err == "apanet: error: 1 of 2 recordings failed; the others are whole.\n"


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


def test_a_comparison_holds_pictures_of_every_size_and_says_so(tmp_path, drive, capsys):
    pytest.importorskip("onnxruntime")
    for number, size in enumerate(((24, 32), (24, 32), (40, 48))):
        for view in ("left", "right"):
            write_rgb(drive / view / f"{number}.png", np.full((*size, 3), 99, np.uint8))
    out, look = tmp_path / "out", tmp_path / "look.mp4"
    words = [
        "derain",
        drive,
        "-o",
        out,
        "--compare",
        look,
        "--model",
        SMALL_MODEL,
        "--device",
        "cpu",
    ]

    assert main(list(map(str, words))) == 0

    assert capsys.readouterr().out == (
        f"{out}: 3 pairs derained; comparison: 1 frame fitted onto the size of the first\n"
    )
    assert read_rgb(out / "left" / "2.png").shape == (40, 48, 3)
    with VideoReader(look) as video:
        assert len(list(video.frames())) == 3


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
    # What the output holds is asked once the model is there.
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    (drive / "calib.yaml").write_text("focal")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/thesis.txt").write_text("years")
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}

    model = ["--model", str(SMALL_MODEL), "--device", "cpu"]
    assert main(["derain", "drive", *words, "--force", *model]) == 2

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


@pytest.mark.parametrize("suffix", [".png", ".pgm", ".tif"])
def test_twelve_bits_of_sixteen_come_out_as_eight_do(tmp_path, suffix: str) -> None:
    """Through the real backend: not black, with 16 bits, in the range that they had."""
    pytest.importorskip("onnxruntime")
    noise = np.random.default_rng(0).integers(0, 256, (2, 8, 12), np.uint8)
    for number, view in enumerate(("x_L", "x_R")):
        gray = cv2.resize(noise[number], (96, 64), interpolation=cv2.INTER_CUBIC)
        gray[0, 0] = 255
        for folder, samples in (("deep", gray.astype(np.uint16) * 16 + number), ("flat", gray)):
            (tmp_path / folder).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / folder / f"{view}{suffix}"), samples)

    found = []
    for folder in ("deep", "flat"):
        output = tmp_path / f"out_{folder}"
        words = ["derain", str(tmp_path / folder), "-o", str(output), "--model", str(SMALL_MODEL)]
        assert main(words) == 0
        found.append(cv2.imread(str(output / "left" / f"x_L{suffix}"), cv2.IMREAD_UNCHANGED))

    deep, flat = found
    assert (deep.dtype, flat.dtype, deep.shape) == (np.uint16, np.uint8, (64, 96))
    assert np.abs(deep / 4095 * 255 - flat).mean() < 1
    assert (deep % 16 != 0).any()


def test_what_is_not_as_expected_of_a_video_is_named(tmp_path, monkeypatch, capsys):
    class Stand:
        def derain(self, left, right):
            return 255 - left, 255 - right

    for name, fps in (("l.mkv", 10), ("r.mkv", 20)):
        with VideoWriter(tmp_path / name, fps) as video:
            for _ in range(fps):
                video.write(np.full((24, 32, 3), 99, np.uint8))
    monkeypatch.setattr(job_module, "derainer_of", lambda *_: Stand())
    monkeypatch.chdir(tmp_path)

    assert main(["derain", "l.mkv", "r.mkv", "-o", "out"]) == 0

    said = capsys.readouterr()
    assert said.err == (
        f"apanet derain: {tmp_path}/l.mkv has 10 frames a second and {tmp_path}/r.mkv 20: they are "
        "paired by time.\n"
    )
    assert said.out == (
        f"{tmp_path}/out: 10 pairs derained; not derained: 10 frames without a partner in the "
        "other video, left out\n"
    )


@pytest.mark.parametrize(
    "words", [["in.mkv", "-o", "out.mkv"], ["drive", "-o", "out", "--compare", "look.mp4"]]
)
def test_without_pyav_the_extra_is_named_before_the_work(
    tmp_path, drive, monkeypatch, capsys, words
):
    (tmp_path / "in.mkv").touch()
    monkeypatch.setattr(job_module, "derainer_of", lambda *_: None)
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.chdir(tmp_path)

    sentence = "This command needs the Python package av, which is not installed; pip install"
    arguments = ["derain", *words, "--model", str(SMALL_MODEL)]
    assert main(arguments) == 2
    assert f"{sentence} 'apanet_ros[tools]'." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
