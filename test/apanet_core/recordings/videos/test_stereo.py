from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.recordings.videos import StereoVideo
from apanet_core.recordings.videos.stereo import split_views

pytest.importorskip("av")


def read(video):
    return [(pair.frames[0].time, pair.views()) for pair in video.pairs()]


def test_two_videos_pair_by_time_and_their_rates_are_named(encode, numbered, number_of):
    slow = encode("slow.mp4", numbered(6), rate=10)
    fast = encode("fast.mp4", numbered(12), rate=20)

    with StereoVideo([slow, fast]) as video:
        pairs = read(video)

    numbers = [(number_of(left), number_of(right)) for _, (left, right) in pairs]
    assert numbers == [(0, 0), (1, 2), (2, 4), (3, 6), (4, 1), (5, 3)]
    assert (video.unpaired, video.lost) == (6, 0)
    assert video.remarks() == [
        f"{slow} has 10 frames a second and {fast} 20: they are paired by time."
    ]


def test_videos_of_one_rate_need_no_remark(encode, numbered):
    with StereoVideo([encode("l.mp4", numbered(5)), encode("r.mkv", numbered(5))]) as video:
        assert len(read(video)) == video.count == 5
    assert video.remarks() == []


def test_a_late_start_does_not_move_the_pairs(encode, numbered, number_of):
    times = [0.2, 0.3, 0.4, 0.5]
    left = encode("l.mkv", numbered(6))
    right = encode("r.mkv", numbered(4, first=2), times=times)

    with StereoVideo([left, right]) as video:
        numbers = [tuple(map(number_of, views)) for _, views in read(video)]

    assert numbers == [(2, 2), (3, 3), (4, 4), (5, 5)]
    assert video.unpaired == 2


def test_videos_of_other_times_say_so(encode, numbered):
    left = encode("l.mkv", numbered(3))
    right = encode("r.mkv", numbered(3), times=[7.0, 7.1, 7.2])

    with StereoVideo([left, right]) as video:
        assert read(video) == []
        assert video.why_no_pair() == (
            f"No two frames are within 50 ms: {left} lasts from 0.000 to 0.200 s and {right} lasts "
            "from 7.000 to 7.200 s; give videos of one time."
        )


def test_a_side_by_side_video_is_split_as_it_is_stored(encode, numbered):
    path = encode("in.mp4", numbered(1), rotation=90)

    with StereoVideo([path]) as video:
        ((_, (left, right)),) = read(video)

    assert left.shape == right.shape == (48, 64, 3)
    np.testing.assert_allclose(left, right, atol=6)


def test_two_rotated_videos_come_upright(encode, numbered):
    paths = [encode(name, numbered(2), rotation=90) for name in ("l.mp4", "r.mp4")]

    with StereoVideo(paths) as video:
        assert [view.shape for _, views in read(video) for view in views] == [(128, 48, 3)] * 4
        assert video.readers[0].properties.display_matrix is None


def test_more_than_eight_bits_are_named(encode, numbered):
    deep = encode("deep.mp4", numbered(2), pixels="yuv420p10le")
    hdr = encode("hdr.mp4", numbered(2), pixels="yuv420p10le", marks={"color_trc": 18})

    for path, words in ((deep, "10 bits a colour"), (hdr, "10 bits a colour (HLG)")):
        with StereoVideo([path]) as video:
            assert len(read(video)) == 2
            assert video.remarks() == [f"{path} has {words}; they become 8."]


def test_an_odd_width_has_no_halves():
    with pytest.raises(ImageError, match="frame of 31 px has no two equal halves: crop the video"):
        split_views(np.zeros((4, 31, 3), np.uint8))
