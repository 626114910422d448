from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apanet_core.errors import ImageError
from apanet_core.recordings.videos import VideoReader
from apanet_core.recordings.videos.reader import count_frames

pytest.importorskip("av")

UNEVEN = [0, 0.04, 0.08, 0.5, 0.62, 1.5, 1.54, 6.0]


def spoiled(path, share=0.5, count=300):
    """Overwrite a part of a file."""
    content = bytearray(path.read_bytes())
    first = int(len(content) * share)
    content[first : first + count] = bytes(count)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("in.mp4", "libx264", "yuv420p"),
        ("in.mkv", "ffv1", "bgr0"),
        ("in.webm", "libvpx-vp9", "yuv420p"),
        ("in.mov", "mpeg4", "yuv420p"),
    ],
)
def test_frames_come_with_their_own_times_in_order(
    encode, numbered, number_of, name, codec, pixels
):
    path = encode(name, numbered(8), codec, pixels, UNEVEN, 25)

    with VideoReader(path) as video:
        frames = list(video.timed_frames())

    assert [float(frame.time) for frame in frames] == pytest.approx(UNEVEN, abs=1e-3)
    assert [number_of(frame.rgb()) for frame in frames] == [0, 1, 2, 3, 4, 5, 6, 0]
    assert float(frames[-1].end) == pytest.approx(6.04, abs=1e-3)
    assert (video.lost, video.damaged) == (0, 0)


def test_avi_with_frames_out_of_order_has_ascending_times(encode, numbered, number_of):
    path = encode("in.avi", numbered(14), options={"bf": "3"})

    with VideoReader(path) as video:
        frames = list(video.timed_frames())

    times = [frame.time for frame in frames]
    assert np.diff(times).tolist() == [Fraction(1, 10)] * 13
    assert [number_of(frame.rgb()) for frame in frames] == [0, 1, 2, 3, 4, 5, 6] * 2


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "libx264"), ("a.webm", "libvpx-vp9")])
def test_a_live_recording_without_duration_is_read(encode, numbered, name, codec):
    path = encode(name, numbered(24), codec, muxer={"live": "1"})

    with VideoReader(path) as video:
        assert len(video.scan.ticks) == len(list(video.frames())) == 24
        assert video.lost == 0


def test_a_damaged_spot_does_not_end_a_video_and_what_it_cost_is_counted(encode, numbered):
    noise = np.random.default_rng(0)
    frames = [frame // 2 + noise.integers(0, 99, frame.shape, np.uint8) for frame in numbered(24)]
    path = spoiled(encode("in.mp4", frames), count=9000)

    with VideoReader(path) as video:
        times = [frame.time for frame in video.timed_frames()]

    assert 10 < len(times) < 24
    assert max(times) > 2
    assert video.lost == 24 - len(times)


def test_frames_that_no_packet_is_left_of_are_counted_by_the_times_of_the_others(encode, numbered):
    noise = np.random.default_rng(0).integers(0, 256, (24, 48, 128, 3), np.uint8)
    path = encode("in.mkv", list(noise), "mjpeg", "yuvj444p", muxer={"cluster_time_limit": "300"})
    spoiled(path, count=path.stat().st_size // 8)

    with VideoReader(path) as video:
        count = len(list(video.frames()))

    assert 10 < count < 24
    assert video.lost == 24 - count


@pytest.mark.parametrize("name", ["in.avi", "in.mkv"])
def test_a_video_cut_off_is_read_as_far_as_it_goes(encode, numbered, name):
    path = encode(name, numbered(20), "mjpeg", "yuvj420p")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with VideoReader(path) as video:
        count = len(list(video.frames()))

    assert 5 < count < 15
    assert video.lost == 20 - count


@pytest.mark.parametrize("name", ["gaps.mkv", "gaps.avi", "gaps.mp4"])
def test_no_frame_is_missed_in_a_video_with_gaps(encode, numbered, name):
    times = [0, 0.1, 0.2, 1.7, 1.8, 4.9, 5.0]
    codec = ("mjpeg", "yuvj420p") if name.endswith("avi") else ("libx264", "yuv420p")

    with VideoReader(encode(name, numbered(7), *codec, times, tick=Fraction(1, 10))) as video:
        assert len(list(video.frames())) == 7
    assert video.lost == 0


def test_hidden_frames_of_vp8_are_not_missed(encode, numbered):
    options = {"auto-alt-ref": "1", "lag-in-frames": "16", "arnr-maxframes": "5"}
    path = encode("in.webm", numbered(40), "libvpx", options=options)

    with VideoReader(path) as video:
        assert len(list(video.frames())) == len(video.scan.ticks) == 40


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_a_rotation_is_applied_only_where_it_is_asked_for(encode, numbered, rotation):
    picture = numbered(1)[0]
    picture[:20, :20] = 0
    path = encode("in.mp4", [picture] * 2, rotation=rotation)

    with VideoReader(path) as stored, VideoReader(path, upright=True) as upright:
        as_stored, as_shown = next(stored.frames()), next(upright.frames())

    np.testing.assert_allclose(as_stored, picture, atol=12)
    # The rotation that a player applies is counterclockwise.
    np.testing.assert_array_equal(as_shown, np.rot90(as_stored, rotation // 90))


def test_bits_and_transfer_are_known(encode, numbered):
    marks = {"color_trc": 16, "color_primaries": 9, "colorspace": 9}
    path = encode("in.mp4", numbered(2), pixels="yuv420p10le", marks=marks)

    with VideoReader(path) as video:
        assert (video.bits, video.properties.colors.hdr) == (10, "PQ")


@pytest.mark.parametrize("content", [b"", b"no video", b"RIFF"])
def test_a_file_that_is_no_video_is_named_and_holds_no_frame(tmp_path, content, capfd):
    (tmp_path / "in.mp4").write_bytes(content)

    with pytest.raises(ImageError, match=r"Cannot read .*in\.mp4 as a video: it is damaged"):
        VideoReader(tmp_path / "in.mp4")
    assert count_frames(tmp_path / "in.mp4") == 0
    assert capfd.readouterr().err == ""


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"No video .*in\.mp4: check the path"):
        VideoReader(tmp_path / "in.mp4")


def test_a_picture_beside_the_sound_is_no_video(encode, numbered, tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "sound.mp4"), "w") as output:
        stream = output.add_stream("aac", 48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.sample_rate = 48000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

    with pytest.raises(ImageError, match=r"Cannot read .*sound\.mp4 as a video"):
        VideoReader(tmp_path / "sound.mp4")


@pytest.fixture(scope="module")
def small_videos(tmp_path_factory):
    av = pytest.importorskip("av")
    folder = tmp_path_factory.mktemp("videos")
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 48, 3), np.uint8)
    codecs = {"a.mp4": "libx264", "a.mkv": "libx264", "a.avi": "mpeg4", "a.webm": "libvpx-vp9"}
    for name, codec in codecs.items():
        with av.open(str(folder / name), "w") as output:
            stream = output.add_stream(codec, 10, width=48, height=32)
            for picture in noise:
                output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            output.mux(stream.encode(None))
    return {name: (folder / name).read_bytes() for name in codecs}, folder


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["a.mp4", "a.mkv", "a.avi", "a.webm"]),
    changes=st.lists(
        st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=40)), max_size=4
    ),
    kept=st.floats(0.05, 1),
)
def test_any_damage_costs_frames_and_nothing_else(small_videos, name, changes, kept):
    contents, folder = small_videos
    content = bytearray(contents[name])
    for place, bytes_there in changes:
        first = int(place * len(content))
        content[first : first + len(bytes_there)] = bytes_there
    (folder / f"damaged_{name}").write_bytes(content[: int(kept * len(content))])

    with suppress(ImageError), VideoReader(folder / f"damaged_{name}") as video:
        frames = list(video.timed_frames())
        assert all(one.time < other.time < other.end for one, other in pairwise(frames))
        assert all(frame.rgb().dtype == np.uint8 for frame in frames)
        assert video.lost >= 0
