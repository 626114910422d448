from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.files import read_rgb
from apanet_core.recordings.comparison import (
    Compared,
    check_comparison,
    compared,
    fitted,
    write_comparison,
)
from apanet_core.recordings.videos import VideoReader, VideoWriter

DARK = np.full((61, 81, 3), 10, np.uint8)
LIGHT = np.full((61, 81, 3), 240, np.uint8)


def pairs():
    return [Compared(f"{number}", (DARK, DARK), (LIGHT, LIGHT)) for number in range(3)]


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


@pytest.mark.parametrize("name", ["look.mp4", "look.mkv"])
def test_a_pair_of_another_size_is_fitted_and_counted(tmp_path, name):
    small = np.full((31, 81, 3), 240, np.uint8)
    mixed = [*pairs(), Compared("3", (small, small), (small, small)), *pairs()]

    assert write_comparison(mixed, tmp_path / name, 10, 7) == 1

    with VideoReader(tmp_path / name) as video:
        shown = list(video.frames())
    assert [frame.shape for frame in shown] == [(128, 168, 3)] * 7
    # The wide one is in the middle, black above and below.
    assert shown[3][64, 150].min() > 200
    assert shown[3][[5, 122], 150].max() < 40
    assert shown[4][122, 150].min() > 200


def test_pairs_of_one_size_are_not_counted(tmp_path):
    assert write_comparison(pairs(), tmp_path / "look.mkv", 10, 3) == 0


@pytest.mark.parametrize("shape", [(200, 50, 3), (50, 200, 3), (7, 7, 3), (1000, 1, 3)])
def test_any_picture_fits_whole(shape):
    frame = fitted(np.full(shape, 255, np.uint8), 60, 80)

    assert frame.shape == (60, 80, 3)
    lit = frame[..., 0] > 0
    rows, columns = lit.any(1).sum(), lit.any(0).sum()
    scale = min(60 / shape[0], 80 / shape[1])
    assert (rows, columns) == tuple(max(1, round(side * scale)) for side in shape[:2])


def test_a_video_refuses_a_frame_of_another_size(tmp_path):
    with VideoWriter(tmp_path / "video.mkv", 10) as video:
        video.write(np.zeros((24, 32, 3), np.uint8))
        with pytest.raises(ImageError, match="of 16 x 12 px comes after those of 32 x 24 px"):
            video.write(np.zeros((12, 16, 3), np.uint8))
