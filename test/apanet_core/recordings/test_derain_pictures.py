from __future__ import annotations

import numpy as np
import pytest

from apanet_core.data.stereo_folder import stereo_folder
from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_core.recordings.derain_pictures import UNREADABLE, derain_folders, derain_pair


def test_a_pair_comes_out_as_left_and_right(tmp_path, make_drive, inverter):
    pair = stereo_folder(make_drive("drive", 1))[0]

    assert derain_pair(inverter, pair, tmp_path / "out").derained == 1

    for path, name in zip(pair, ("left.png", "right.png"), strict=True):
        np.testing.assert_array_equal(read_rgb(tmp_path / "out" / name), 255 - read_rgb(path))


def test_a_pair_of_two_sizes_is_an_error_and_leaves_nothing(tmp_path, make_drive, inverter):
    pair = stereo_folder(make_drive("drive", 1))[0]
    write_rgb(pair.right, np.zeros((8, 8, 3), np.uint8))

    with pytest.raises(ImageError, match=r"000\.png is 8x8: the views of a pair need one size"):
        derain_pair(inverter, pair, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folders_keep_their_names(tmp_path, make_drive, inverter):
    files = stereo_folder(make_drive("drive", 3))

    assert derain_folders(inverter, files, tmp_path / "out", {}).derained == 3

    for pair in files:
        for view, path in zip(("left", "right"), pair, strict=True):
            derained = read_rgb(tmp_path / "out" / view / path.name)
            np.testing.assert_array_equal(derained, 255 - read_rgb(path))


def test_an_interrupted_run_goes_on_and_gives_the_same(tmp_path, make_drive, inverter):
    files = stereo_folder(make_drive("drive", 4))
    inverter.stop_after = 2
    with pytest.raises(KeyboardInterrupt):
        derain_folders(inverter, files, tmp_path / "out", {})
    assert not (tmp_path / "out").exists()

    inverter.stop_after = None
    tally = derain_folders(inverter, files, tmp_path / "out", {})

    assert (tally.derained, inverter.calls) == (4, 4)
    assert len(list((tmp_path / "out").rglob("*.png"))) == 8


def test_a_damaged_pair_is_counted_told_and_copied(tmp_path, make_drive, inverter):
    files = stereo_folder(make_drive("drive", 3))
    files[1].right.write_bytes(b"no picture")

    tally = derain_folders(inverter, files, tmp_path / "out", {})

    assert (tally.derained, dict(tally.problems)) == (2, {UNREADABLE: 1})
    assert "right/001.png as an image" in tally.examples[0]
    assert (tmp_path / "out/right/001.png").read_bytes() == b"no picture"
    assert (tmp_path / "out/left/001.png").read_bytes() == files[1].left.read_bytes()


def test_nothing_but_damage_is_an_error(tmp_path, make_drive, inverter):
    files = stereo_folder(make_drive("drive", 1))
    files[0].left.write_bytes(b"no picture")

    with pytest.raises(ImageError, match="No pair could be derained: Cannot read"):
        derain_folders(inverter, files, tmp_path / "out", {})
    assert [path.name for path in tmp_path.iterdir()] == ["drive"]

    files = stereo_folder(make_drive("other", 1))
    assert derain_folders(inverter, files, tmp_path / "out", {"input": "other"}).derained == 1
