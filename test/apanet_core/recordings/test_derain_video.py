from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ConfigError, ImageError
from apanet_core.recordings import derain_video as module
from apanet_core.recordings.derain_video import LOST, UNPAIRED, derain_video
from apanet_core.recordings.videos import VideoReader


def read(path):
    with VideoReader(path) as video:
        return list(video.frames())


def test_both_halves_of_a_side_by_side_video_are_derained(tmp_path, make_video, inverter):
    video = make_video("in.mkv", 4)

    assert derain_video(inverter, [video], tmp_path / "out.mkv", {}).derained == 4

    for before, after in zip(read(video), read(tmp_path / "out.mkv"), strict=True):
        np.testing.assert_array_equal(after, 255 - before)
    with VideoReader(tmp_path / "out.mkv") as written:
        assert written.fps == 12.5


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mov", ".m4v"])
def test_other_endings_are_written_as_such(tmp_path, make_video, inverter, suffix):
    target = tmp_path / f"out{suffix}"

    derain_video(inverter, [make_video("in.mkv", 3)], target, {})

    assert len(read(target)) == 3


def test_two_videos_come_out_as_two(tmp_path, make_video, inverter):
    videos = [make_video("l.mkv", 3, seed=1), make_video("r.mkv", 3, seed=2)]

    derain_video(inverter, videos, tmp_path / "out", {})

    for name, video in zip(("left.mkv", "right.mkv"), videos, strict=True):
        for before, after in zip(read(video), read(tmp_path / "out" / name), strict=True):
            np.testing.assert_array_equal(after, 255 - before)


def test_an_interrupted_run_goes_on_after_its_last_piece(
    tmp_path, make_video, inverter, monkeypatch
):
    monkeypatch.setattr(module, "PIECE_FRAMES", 2)
    video = make_video("in.mkv", 5)
    inverter.stop_after = 3
    with pytest.raises(KeyboardInterrupt):
        derain_video(inverter, [video], tmp_path / "out.mkv", {})
    assert not (tmp_path / "out.mkv").exists()

    inverter.stop_after = None
    tally = derain_video(inverter, [video], tmp_path / "out.mkv", {})

    assert tally.derained == 5
    assert inverter.calls == 3 + 3  # The third frame again, whose piece was not whole.
    for before, after in zip(read(video), read(tmp_path / "out.mkv"), strict=True):
        np.testing.assert_array_equal(after, 255 - before)


def test_frames_without_a_partner_are_told(tmp_path, make_video, inverter):
    videos = [make_video("l.mkv", 5), make_video("r.mkv", 3)]

    tally = derain_video(inverter, videos, tmp_path / "out", {})

    assert (tally.derained, dict(tally.problems)) == (3, {UNPAIRED: 2})


def test_a_cut_off_video_is_derained_as_far_as_it_goes_or_named(tmp_path, make_video, inverter):
    video = make_video("in.avi", 40)
    content = video.read_bytes()
    video.write_bytes(content[: len(content) * 6 // 10])

    tally = derain_video(inverter, [video], tmp_path / "out.mkv", {})

    assert 5 < tally.derained < 40
    assert tally.problems[LOST] == 40 - tally.derained


def test_a_file_that_is_no_video_is_named_and_nothing_else_is_printed(tmp_path, inverter, capfd):
    (tmp_path / "in.mp4").write_bytes(b"no video")

    with pytest.raises(ImageError, match=r"Cannot read .*in\.mp4 as a video"):
        derain_video(inverter, [tmp_path / "in.mp4"], tmp_path / "out.mp4", {})
    assert capfd.readouterr().err == ""


def test_an_output_of_another_ending_is_refused(tmp_path, make_video, inverter):
    with pytest.raises(ConfigError, match=r"out\.xyz is no name of a video; it ends in \.avi"):
        derain_video(inverter, [make_video("in.mkv", 1)], tmp_path / "out.xyz", {})
