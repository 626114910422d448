from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from apanet_core.errors import ConfigError, ImageError
from apanet_core.recordings.videos import VideoProperties, VideoReader, VideoWriter
from apanet_core.recordings.videos.colors import VideoColors
from apanet_core.recordings.videos.encoder import VideoEncoder

pytest.importorskip("av")

ENDINGS = [".avi", ".m4v", ".mkv", ".mov", ".mp4", ".nut"]
COLORS = ((128, 128, 128), (200, 30, 40), (20, 180, 60), (30, 60, 220), (9, 9, 9), (250, 240, 10))


def write_all(path, pictures, rate=10):
    with VideoWriter(path, rate) as video:
        for picture in pictures:
            video.write(picture)


def patches(height=64, width=192):
    picture = np.zeros((height, width, 3), np.uint8)
    for number, color in enumerate(COLORS):
        picture[:, number * 32 : (number + 1) * 32] = color
    return picture


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("matrix", [1, 6])
@pytest.mark.parametrize("full_range", [False, True])
def test_colors_come_back(tmp_path, decode, ending, matrix, full_range):
    properties = VideoProperties(colors=VideoColors(matrix, full_range))
    with VideoWriter(tmp_path / f"out{ending}", properties) as video:
        for _ in range(3):
            video.write(patches())

    with VideoReader(tmp_path / f"out{ending}") as ours:
        pictures = [next(ours.frames())]
    pictures += [frame.to_ndarray(format="rgb24") for frame in decode(tmp_path / f"out{ending}")]

    for picture, most in zip(pictures, (2, 3, 3, 3), strict=True):
        for number, color in enumerate(COLORS):
            found = picture[32, number * 32 + 16].astype(int)
            assert abs(found - color).max() <= (1 if number == 0 else most)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("full_range", [False, True])
def test_pictures_come_back_neither_darker_nor_greener(tmp_path, decode, ending, full_range):
    # Smooth noise around colours of a road.
    noise = np.random.default_rng(0).normal(0, 40, (12, 24, 3)).astype(np.float32)
    noise = cv2.resize(noise, (192, 96), interpolation=cv2.INTER_CUBIC)
    picture = np.clip(noise + np.array([140, 120, 100]), 0, 255).round().astype(np.uint8)
    with VideoWriter(
        tmp_path / f"out{ending}", VideoProperties(colors=VideoColors(full_range=full_range))
    ) as video:
        video.write(picture)

    with VideoReader(tmp_path / f"out{ending}") as written:
        difference = next(written.frames()).astype(float) - picture

    assert np.abs(difference.mean((0, 1))).max() < 0.25
    assert np.abs(difference).mean() < 4


@pytest.mark.parametrize("ending", [".mp4", ".mov"])
def test_matrix_range_and_meaning_are_written_down(tmp_path, decode, ending):
    colors = VideoColors(9, True, 9, 18)
    with VideoWriter(tmp_path / f"out{ending}", VideoProperties(colors=colors)) as video:
        video.write(patches())

    (frame,) = decode(tmp_path / f"out{ending}")
    assert (frame.colorspace, frame.color_range) == (9, 2)
    assert (frame.color_primaries, frame.color_trc) == (9, 18)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("height", "width"), [(97, 129), (375, 1242), (36, 63), (37, 64)])
def test_odd_sizes_keep_every_row_and_column(tmp_path, decode, ending, height, width):
    picture = np.full((height, width, 3), 60, np.uint8)
    picture[-1], picture[:, -1] = 220, 220
    write_all(tmp_path / f"out{ending}", [picture])

    (frame,) = decode(tmp_path / f"out{ending}")
    found = frame.to_ndarray(format="rgb24").astype(int)
    assert found.shape == picture.shape
    assert found[-1].mean() > 180
    assert found[:, -1].mean() > 180
    assert found[-4, : width // 2].mean() < 90


@pytest.mark.parametrize("ending", ENDINGS)
def test_times_are_kept(tmp_path, ending, numbered):
    # AVI has only steps, here of 20 ms, which the caller chooses.
    times = [Fraction(tick, 50) for tick in (0, 2, 3, 40, 41, 300)]
    properties = VideoProperties(Fraction(25), Fraction(1, 50))
    with VideoWriter(tmp_path / f"out{ending}", properties) as video:
        for picture, time in zip(numbered(6), times, strict=True):
            video.write(picture, time, time + Fraction(1, 50))

    with VideoReader(tmp_path / f"out{ending}") as written:
        frames = list(written.timed_frames())
    assert [frame.time for frame in frames] == times
    assert written.lost == 0
    if ending != ".nut":  # It has no durations.
        assert float(frames[-1].end) == pytest.approx(6.02, abs=1e-3)


def test_a_number_is_a_constant_rate(tmp_path, numbered):
    write_all(tmp_path / "out.mp4", numbered(4), 29.97)

    with VideoReader(tmp_path / "out.mp4") as written:
        times = [float(frame.time) for frame in written.timed_frames()]
    assert times == pytest.approx([number / 29.97 for number in range(4)], abs=1e-4)
    assert written.fps == pytest.approx(29.97)


@pytest.mark.parametrize("ending", [".mp4", ".mov"])
def test_rotation_and_shape_of_a_pixel_are_kept(tmp_path, encode, numbered, ending):
    with VideoReader(encode("in.mp4", numbered(1), rotation=90)) as video:
        properties = replace(video.properties, pixel_aspect=Fraction(2))
    with VideoWriter(tmp_path / f"out{ending}", properties) as writer:
        writer.write(numbered(1)[0])

    with VideoReader(tmp_path / f"out{ending}") as written:
        assert written.display_matrix == properties.display_matrix is not None
        assert written.properties.pixel_aspect == 2


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("share", [0, 0.02, 0.6, 1])
def test_what_the_disk_refuses_is_raised_and_leaves_no_file(
    tmp_path, files_of_at_most, ending, share, capfd
):
    noise = np.random.default_rng(0).integers(0, 256, (12, 96, 128, 3), np.uint8)
    path = tmp_path / f"out{ending}"
    write_all(path, noise)
    size = max(0, int(share * path.stat().st_size) - 1)

    with files_of_at_most(size), pytest.raises(OSError, match="File too large") as error:
        write_all(path, noise)

    assert error.value.filename == str(path)
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr().err == ""


def test_frames_that_do_not_come_back_are_an_error_and_leave_no_file(
    tmp_path, numbered, monkeypatch
):
    path = tmp_path / "out.mkv"
    finish = VideoEncoder.finish

    def lossy(self):
        finish(self)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    monkeypatch.setattr(VideoEncoder, "finish", lossy)
    with pytest.raises(ImageError, match=r"out\.mkv was written with 9 frames and holds [3-6]: "):
        write_all(path, numbered(9))
    assert not path.exists()


def test_a_frame_of_another_size_is_refused_and_leaves_no_file(tmp_path):
    sentence = "of 16 x 12 px comes after those of 32 x 24 px; a video has one size"
    pictures = [np.zeros(shape, np.uint8) for shape in ((24, 32, 3), (12, 16, 3))]
    with pytest.raises(ImageError, match=sentence):
        write_all(tmp_path / "out.mkv", pictures)
    assert not list(tmp_path.iterdir())


def test_what_the_encoder_refuses_is_a_sentence(tmp_path, capfd):
    with pytest.raises(ImageError, match=r"Cannot write these frames as \.mp4 \(.*\): give anot"):
        write_all(tmp_path / "out.mp4", [np.zeros((16, 40_000, 3), np.uint8)] * 2)
    assert capfd.readouterr().err == ""
    assert not list(tmp_path.iterdir())


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"out\.gif is no name of a video; it ends in \.avi"):
        VideoWriter(tmp_path / "out.gif", 10)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("ending", "sound", "is_taken"),
    [
        (".mp4", "aac", True),
        (".mov", "pcm_s16le", True),
        (".mkv", "aac", True),
        (".mkv", "libopus", True),
        (".avi", "libmp3lame", True),
        (".avi", "libopus", False),
    ],
)
def test_sound_is_copied_where_the_container_takes_it(
    tmp_path, encode, numbered, ending, sound, is_taken
):
    av = pytest.importorskip("av")
    source = encode("in.mkv", numbered(20), sound=sound)
    with VideoWriter(tmp_path / f"out{ending}", 10, sound=source) as video:
        for picture in numbered(20):
            video.write(picture)

    def packets(path):
        with av.open(str(path)) as container:
            return [bytes(p) for s in container.streams.audio for p in container.demux(s) if p.size]

    before, after = packets(source), packets(tmp_path / f"out{ending}")
    assert len(before) > 30
    assert after == (before if is_taken else [])
    assert len(video.left_out) == (not is_taken)
