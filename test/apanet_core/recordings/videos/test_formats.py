from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from apanet_core.errors import ConfigError
from apanet_core.recordings.videos import check_video_name, is_video_name

pytest.importorskip("av")


def test_names_of_videos_that_are_written():
    assert all(map(is_video_name, map(Path, ("a.mp4", "a.MKV", "a.avi", "a.mov", "a.m4v"))))
    assert not any(map(is_video_name, map(Path, ("a.webm", "a.nut", "a.png", "mp4", "look"))))


def test_the_endings_are_named():
    with pytest.raises(
        ConfigError,
        match=r"a\.webm is no name of a video; it ends in \.avi, \.m4v, \.mkv, \.mov, \.mp4\.",
    ):
        check_video_name(Path("a.webm"))


@pytest.mark.parametrize("version", ["10.0.0", "16.1.0"])
def test_an_old_pyav_is_named(monkeypatch, version):
    monkeypatch.setitem(sys.modules, "av", SimpleNamespace(__version__=version))

    sentence = rf"PyAV {version} is too old for videos: pip install 'av>=17'"
    with pytest.raises(ConfigError, match=sentence):
        check_video_name(Path("a.mp4"))
