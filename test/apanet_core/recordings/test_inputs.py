from __future__ import annotations

from pathlib import Path

import pytest

from apanet_core.errors import ConfigError
from apanet_core.recordings.inputs import Kind, are_several, check_names, find_recordings


@pytest.fixture
def files(tmp_path, monkeypatch) -> Path:
    """One of each kind; nothing reads what is in the files."""
    monkeypatch.chdir(tmp_path)
    for name in (
        *("left.png", "right.png", "a.mp4", "b.mp4", "notes.txt"),
        *("bag1/metadata.yaml", "bag2/metadata.yaml", "half/half_0.mcap", "single.db3"),
        *("drive/left/0.png", "drive/right/0.png", "old/left/0.png", "old/right/0.png"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (["left.png", "right.png"], [Kind.PAIR]),
        (["drive/left", "drive/right"], [Kind.FOLDERS]),
        (["drive"], [Kind.FOLDERS]),
        (["a.mp4"], [Kind.SIDE_BY_SIDE]),
        (["a.mp4", "b.mp4"], [Kind.VIDEOS]),
        (["bag1"], [Kind.BAG]),
        (["half"], [Kind.BAG]),
        (["single.db3"], [Kind.BAG]),
        (["bag1", "bag2"], [Kind.BAG, Kind.BAG]),
        (["drive", "old"], [Kind.FOLDERS, Kind.FOLDERS]),
        (["bag*"], [Kind.BAG, Kind.BAG]),
        (["drive", "a.mp4", "bag1"], [Kind.FOLDERS, Kind.SIDE_BY_SIDE, Kind.BAG]),
    ],
)
def test_paths_tell_what_they_are(files, words, kinds):
    assert [recording.kind for recording in find_recordings(words)] == kinds


@pytest.mark.parametrize(
    ("words", "each", "kinds", "several"),
    [
        (["?.mp4"], False, [Kind.SIDE_BY_SIDE] * 2, True),
        (["a*.mp4"], False, [Kind.SIDE_BY_SIDE], True),
        (["a*.mp4", "b.mp4"], False, [Kind.SIDE_BY_SIDE] * 2, True),
        (["a.mp4", "b.mp4"], False, [Kind.VIDEOS], False),
        (["a.mp4", "b.mp4"], True, [Kind.SIDE_BY_SIDE] * 2, True),
        (["bag*"], False, [Kind.BAG] * 2, True),
        (["bag1"], False, [Kind.BAG], False),
        (["driv*"], False, [Kind.FOLDERS], True),
        (["drive/*"], False, [Kind.FOLDERS], False),
        (["*t.png"], False, [Kind.PAIR], False),
        (["c[1].mp4"], False, [Kind.SIDE_BY_SIDE], False),
    ],
)
def test_what_a_pattern_matches_are_recordings_of_their_own(files, words, each, kinds, several):
    (files / "c[1].mp4").touch()

    assert [recording.kind for recording in find_recordings(words, each)] == kinds
    assert are_several(words, each) is several


def test_two_flat_folders_of_a_pattern_are_no_views(files):
    for name in ("flat_a", "flat_b"):
        (files / name).mkdir()

    with pytest.raises(ConfigError, match="flat_a is no recording"):
        find_recordings(["flat_*"])


def test_an_absolute_pattern_is_expanded(files):
    found = find_recordings([str(files / "bag*")])

    assert [recording.paths[0].name for recording in found] == ["bag1", "bag2"]


def test_two_videos_may_be_two_recordings(files):
    found = find_recordings(["a.mp4", "b.mp4"], each=True)

    assert [recording.name for recording in found] == ["a.mp4", "b.mp4"]
    assert {recording.kind for recording in found} == {Kind.SIDE_BY_SIDE}


@pytest.mark.parametrize(
    ("words", "name"),
    [(["drive"], "drive"), (["drive/left", "drive/right"], "drive"), (["single.db3"], "single")],
)
def test_a_recording_is_called_after_its_path(files, words, name):
    assert find_recordings(words)[0].name == name


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["gone"], "No file or folder gone: check the path"),
        (["gone*"], r"Nothing matches gone\*: check the pattern"),
        (["left.png"], "left.png is one view: give the left and the right picture"),
        (["notes.txt"], "notes.txt is no recording: give a rosbag2, a video"),
        (["left.png", "bag1"], "left.png is one view"),
    ],
)
def test_what_is_no_recording_is_told(files, words, sentence):
    with pytest.raises(ConfigError, match=sentence):
        find_recordings(words)


def test_two_of_one_name_are_told(files):
    (files / "other" / "bag1").mkdir(parents=True)
    (files / "other" / "bag1" / "metadata.yaml").touch()

    with pytest.raises(ConfigError, match="Several recordings are called bag1"):
        check_names(find_recordings(["bag1", "other/bag1"]))


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("run.1", "run.1.mp4"),
        ("drive_2024.01.05", "drive_2024.01.05.mp4"),
        ("a.mp4", "a.mp4"),
        ("a.b.MKV", "a.b.mp4"),
        ("single.db3", "single.mp4"),
        ("drive", "drive"),
    ],
)
def test_a_comparison_loses_no_part_of_a_name(files, word, name):
    if not word.endswith((".mp4", ".MKV", ".db3")) and word != "drive":
        (files / word).mkdir()
        (files / word / "metadata.yaml").touch()
    (files / "a.b.MKV").touch()

    assert find_recordings([word])[0].comparison_name == name


def test_two_comparisons_of_one_name_are_told(files):
    (files / "a.mkv").touch()
    recordings = find_recordings(["a.mp4", "a.mkv"], each=True)

    check_names(recordings)
    with pytest.raises(ConfigError, match=r"Several comparisons would be called a\.mp4: derain"):
        check_names(recordings, compared=True)
