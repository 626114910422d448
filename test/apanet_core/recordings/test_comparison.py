from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ConfigError
from apanet_core.imaging.files import read_rgb
from apanet_core.recordings.comparison import check_comparison, compared, write_comparison
from apanet_core.recordings.videos import VideoReader

DARK = np.full((61, 81, 3), 10, np.uint8)
LIGHT = np.full((61, 81, 3), 240, np.uint8)


def pairs():
    return [(f"{number}", (DARK, DARK), (LIGHT, LIGHT)) for number in range(3)]


def test_rainy_is_left_and_derained_right_under_captions():
    picture = compared((DARK, DARK), (LIGHT, LIGHT))

    assert picture.shape == (128, 168, 3)
    assert picture[100, 40].tolist() == [10] * 3
    assert picture[100, 130].tolist() == [240] * 3
    assert (picture[:30, :80] > 200).any()


def test_a_folder_holds_a_picture_for_each_pair(tmp_path):
    write_comparison(pairs(), tmp_path / "look", 10, 3)

    names = sorted(path.name for path in (tmp_path / "look").iterdir())
    assert names == ["0.jpg", "1.jpg", "2.jpg"]
    assert read_rgb(tmp_path / "look" / "0.jpg").shape == (128, 168, 3)


@pytest.mark.parametrize("name", ["look.webm", "look.gif"])
def test_a_video_that_cannot_be_written_is_no_folder(tmp_path, name):
    with pytest.raises(ConfigError, match=f"{name} is no name of a video; it ends in"):
        check_comparison(tmp_path / name, force=False)


@pytest.mark.parametrize("name", ["look.mp4", "look.mkv"])
def test_a_video_holds_a_frame_for_each_pair(tmp_path, name):
    write_comparison(pairs(), tmp_path / name, 10, 3)

    with VideoReader(tmp_path / name) as video:
        assert len(list(video.frames())) == 3
