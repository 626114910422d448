"""One recording with a comparison: what a full disk and an interruption leave."""

from __future__ import annotations

import pytest

from apanet_core.errors import ImageError
from apanet_core.recordings import job as module
from apanet_core.recordings.inputs import find_recordings
from apanet_core.recordings.job import Job, derain_recording
from apanet_core.recordings.videos import VideoReader

pytest.importorskip("av")


@pytest.fixture
def make_job(tmp_path, inverter, monkeypatch):
    class Stand:
        derain = staticmethod(inverter)

    monkeypatch.setattr(module, "derainer_of", lambda *_: Stand)
    monkeypatch.setattr(module, "resolve_weights", lambda _: tmp_path)
    monkeypatch.setattr(module, "identity_of", lambda paths: list(map(str, paths)))

    def make(path, output, force=False):
        (recording,) = find_recordings([str(path)])
        return Job(recording, tmp_path / output, compare=tmp_path / "look.mkv", force=force)

    return make


def count(path):
    with VideoReader(path) as video:
        return len(list(video.frames()))


def test_a_comparison_that_the_disk_refuses_costs_no_piece_of_a_video(
    tmp_path, make_video, make_job, inverter, files_of_at_most
):
    job = make_job(make_video("in.mkv", 12), "out.mkv")
    sentence = r"Cannot use .*/look\.mkv: file too large; what is derained is kept: make room, "

    # The comparison holds twice as much as the derained video.
    with files_of_at_most(60_000), pytest.raises(ImageError, match=sentence):
        derain_recording(job)
    assert not job.output.exists()
    assert not job.compare.exists()

    assert derain_recording(job).sentence() == "12 pairs derained"
    assert inverter.calls == 12
    assert count(job.output) == count(job.compare) == 12
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["in.mkv", "look.mkv", "out.mkv"]


def test_a_comparison_that_the_disk_refuses_leaves_derained_pictures_whole(
    make_drive, make_job, files_of_at_most
):
    job = make_job(make_drive("drive", 12), "out")
    sentence = (
        r"/out is whole, but .*/look\.mkv cannot be written: file too large; make room, then run "
        "the same command again with --force to make both anew"
    )

    with files_of_at_most(20_000), pytest.raises(ImageError, match=sentence):
        derain_recording(job)
    assert len(list((job.output / "left").iterdir())) == 12
    assert not job.compare.exists()

    derain_recording(make_job(job.recording.paths[0].parent, "out", force=True))
    assert count(job.compare) == 12


def test_an_interrupted_comparison_of_a_video_goes_on_from_what_is_derained(
    make_video, make_job, inverter, monkeypatch
):
    def interrupted(*_):
        raise KeyboardInterrupt

    job = make_job(make_video("in.mkv", 3), "out.mkv")
    with monkeypatch.context() as patch:
        patch.setattr(module, "compare_videos", interrupted)
        with pytest.raises(KeyboardInterrupt):
            derain_recording(job)

    derain_recording(job)
    assert inverter.calls == 3
    assert count(job.compare) == 3
