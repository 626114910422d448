from __future__ import annotations

import numpy as np
import pytest

from apanet_core.recordings.compare_videos import compare_videos
from apanet_core.recordings.derain_video import derain_video
from apanet_core.recordings.videos import VideoReader

pytest.importorskip("av")

UNEVEN = [0, 0.04, 0.5, 0.54, 1.5, 6.0]


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".avi"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_comparison_has_every_frame_and_its_time(tmp_path, make_video, inverter, ending, count):
    rainy = [make_video(f"{name}.mkv", 6, times=UNEVEN) for name in "lr"[:count]]
    out = tmp_path / ("out" if count == 2 else "out.mkv")
    derain_video(inverter, rainy, out, {})
    derained = [out / "left.mkv", out / "right.mkv"] if count == 2 else [out]
    target = tmp_path / f"look{ending}"

    assert compare_videos(rainy, derained, target) == 0

    with VideoReader(target) as look, VideoReader(rainy[0]) as video:
        frames, before = list(look.timed_frames()), list(video.frames())
    assert [float(frame.time) for frame in frames] == pytest.approx(UNEVEN)
    if ending == ".mkv":
        for frame, rain in zip(frames, before, strict=True):
            half = 32 if count == 2 else 16
            bottom = frame.rgb()[20:24]
            np.testing.assert_array_equal(bottom[:, :half], rain[20:, :half])
            derained_half = bottom[:, -half:] if bottom.shape[1] % 2 == 0 else bottom[:, half + 6 :]
            np.testing.assert_array_equal(derained_half, 255 - rain[20:, :half])


def test_a_folder_holds_a_picture_for_each_pair(tmp_path, make_video, inverter):
    rainy = make_video("in.mkv", 3)
    derain_video(inverter, [rainy], tmp_path / "out.mkv", {})

    compare_videos([rainy], [tmp_path / "out.mkv"], tmp_path / "look")

    names = sorted(path.name for path in (tmp_path / "look").iterdir())
    assert names == ["000000.jpg", "000001.jpg", "000002.jpg"]
