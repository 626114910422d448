from __future__ import annotations

from pathlib import Path

import pytest

from apanet_core.errors import ConfigError
from apanet_core.recordings.videos import check_video_name, is_video_name


def test_names_of_videos_that_are_written():
    assert all(map(is_video_name, map(Path, ("a.mp4", "a.MKV", "a.avi", "a.mov", "a.m4v"))))
    assert not any(map(is_video_name, map(Path, ("a.webm", "a.nut", "a.png", "mp4", "look"))))


def test_the_endings_are_named():
    with pytest.raises(
        ConfigError,
        match=r"a\.webm is no name of a video; it ends in \.avi, \.m4v, \.mkv, \.mov, \.mp4\.",
    ):
        check_video_name(Path("a.webm"))
