from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ConfigError, ImageError
from apanet_core.recordings import derain_video as module
from apanet_core.recordings.derain_video import LOST, UNPAIRED, derain_video
from apanet_core.recordings.unfinished import work_folder_of
from apanet_core.recordings.videos import VideoReader

av = pytest.importorskip("av")

UNEVEN = [0.2, 0.24, 0.5, 0.54, 1.5, 6.0]


def read(path):
    with VideoReader(path) as video:
        return list(video.frames())


def times_of(path):
    with VideoReader(path) as video:
        return [float(frame.time) for frame in video.timed_frames()]


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


def test_two_videos_of_an_ending_that_is_not_written_come_out_without_loss(
    tmp_path, make_video, inverter
):
    videos = []
    for name in ("l.webm", "r.webm"):
        videos.append(tmp_path / name)
        with av.open(str(videos[-1]), "w") as output:
            stream = output.add_stream("libvpx-vp9", 10, width=32, height=24)
            picture = np.full((24, 32, 3), 90, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            output.mux(stream.encode(None))

    derain_video(inverter, videos, tmp_path / "out", {})

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["left.mkv", "right.mkv"]


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov", ".avi"])
def test_every_frame_keeps_its_time(tmp_path, make_video, inverter, monkeypatch, ending):
    monkeypatch.setattr(module, "PIECE_FRAMES", 2)
    video = make_video("in.mkv", 6, times=UNEVEN)
    inverter.stop_after = 3
    with pytest.raises(KeyboardInterrupt):
        derain_video(inverter, [video], tmp_path / f"out{ending}", {})

    inverter.stop_after = None
    tally = derain_video(inverter, [video], tmp_path / f"out{ending}", {})

    assert tally.sentence() == "6 pairs derained"
    # AVI begins at 0.
    start = UNEVEN[0] if ending == ".avi" else 0
    expected = [time - start for time in UNEVEN]
    assert times_of(tmp_path / f"out{ending}") == pytest.approx(expected)


def test_videos_of_two_rates_are_paired_by_time(tmp_path, make_video, inverter):
    slow = make_video("l.mkv", 4, times=[0, 0.1, 0.2, 0.3])
    fast = make_video("r.mkv", 8, seed=1, times=[0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35])

    tally = derain_video(inverter, [slow, fast], tmp_path / "out", {})

    assert (tally.derained, dict(tally.problems)) == (4, {UNPAIRED: 4})
    assert tally.remarks == [
        f"{slow} has 10 frames a second and {fast} 20: they are paired by time."
    ]
    for name, pictures in (("left", read(slow)), ("right", read(fast)[::2])):
        np.testing.assert_array_equal(read(tmp_path / f"out/{name}.mkv"), 255 - np.array(pictures))
        assert times_of(tmp_path / f"out/{name}.mkv") == pytest.approx([0, 0.1, 0.2, 0.3])


def test_videos_of_other_times_are_refused(tmp_path, make_video, inverter):
    videos = [make_video("l.mkv", 3), make_video("r.mkv", 3, times=[60, 60.1, 60.2])]

    with pytest.raises(ImageError, match=r"No two frames are within 40 ms: .*l\.mkv lasts from"):
        derain_video(inverter, videos, tmp_path / "out", {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l.mkv", "r.mkv"]


QUARTER_TURN = (0, -65536, 0, 65536, 0, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".avi"])
def test_a_side_by_side_video_is_split_as_stored_and_keeps_its_rotation(
    tmp_path, make_video, inverter, ending
):
    video = make_video("in.mkv", 3, display_matrix=QUARTER_TURN)
    target = tmp_path / f"out{ending}"

    tally = derain_video(inverter, [video], target, {})

    with VideoReader(target) as derained:
        assert next(derained.frames()).shape == (24, 32, 3)
        assert derained.display_matrix == (None if ending == ".avi" else QUARTER_TURN)
    said = [f"A player rotates {video}, and not what is derained: .avi cannot say so."]
    assert tally.remarks == (said if ending == ".avi" else [])


def test_sound_that_the_container_does_not_take_is_named(tmp_path, inverter):
    video = tmp_path / "in.mkv"
    with av.open(str(video), "w") as output:
        stream = output.add_stream("ffv1", 10, width=32, height=24)
        beside = output.add_stream("libopus", 48000)
        picture = np.full((24, 32, 3), 90, np.uint8)
        output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        hum = av.AudioFrame.from_ndarray(np.zeros((1, 1920), np.int16), "s16", "stereo")
        hum.sample_rate = 48000
        output.mux(beside.encode(hum))
        output.mux([*stream.encode(None), *beside.encode(None)])

    tally = derain_video(inverter, [video], tmp_path / "out.avi", {})
    assert tally.remarks == [
        f"The sound of {video} (opus) is left out: .avi does not take it, .mkv does."
    ]
    assert derain_video(inverter, [video], tmp_path / "out.mkv", {}).remarks == []
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["opus"]


def test_a_full_disk_is_a_sentence_and_nothing_is_left(
    tmp_path, make_video, inverter, files_of_at_most
):
    video = make_video("in.mkv", 6)

    with files_of_at_most(3000), pytest.raises(OSError, match="File too large") as error:
        derain_video(inverter, [video], tmp_path / "out.mkv", {})

    assert error.value.filename == str(tmp_path / "out.mkv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


@pytest.mark.parametrize("size", [9_000, 24_000])
def test_a_disk_that_is_full_later_costs_no_piece(
    tmp_path, make_video, inverter, monkeypatch, files_of_at_most, size
):
    monkeypatch.setattr(module, "PIECE_FRAMES", 2)
    video = make_video("in.mkv", 12)
    target = tmp_path / "out.mkv"

    sentence = (
        r"Cannot use .*/out\.mkv: file too large; what is derained is kept: make room, then run "
        "the same command again to go on from there"
    )
    with files_of_at_most(size), pytest.raises(ImageError, match=sentence):
        derain_video(inverter, [video], target, {})
    assert inverter.calls == 12
    assert not target.exists()

    assert derain_video(inverter, [video], target, {}).derained == 12
    assert inverter.calls == 12
    np.testing.assert_array_equal(read(target), 255 - np.array(read(video)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mkv", "out.mkv"]


def test_what_comes_before_the_end_may_fail_and_is_gone_on_with(tmp_path, make_video, inverter):
    def full(outputs):
        assert len(read(outputs[0])) == 3
        raise OSError(28, "No space left on device", "/elsewhere/look.mp4")

    video = make_video("in.mkv", 3)
    with pytest.raises(ImageError, match=r"Cannot use /elsewhere/look\.mp4: no space left on devi"):
        derain_video(inverter, [video], tmp_path / "out.mkv", {}, before_the_end=full)
    assert not (tmp_path / "out.mkv").exists()

    derain_video(inverter, [video], tmp_path / "out.mkv", {})
    assert inverter.calls == 3


def test_kept_work_that_is_damaged_is_begun_anew(tmp_path, make_video, inverter, monkeypatch):
    monkeypatch.setattr(module, "PIECE_FRAMES", 2)
    video, target = make_video("in.mkv", 5), tmp_path / "out.mkv"
    inverter.stop_after = 4
    with pytest.raises(KeyboardInterrupt):
        derain_video(inverter, [video], target, {})
    (piece, *_) = sorted(work_folder_of(target).glob("*.nut"))
    piece.write_bytes(piece.read_bytes()[:1000])
    inverter.stop_after = None

    with pytest.raises(ImageError, match=r"kept of .*in\.mkv is damaged: run the same command"):
        derain_video(inverter, [video], target, {})
    assert derain_video(inverter, [video], target, {}).derained == 5


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
