from __future__ import annotations

import cv2
import numpy as np
import pytest

from apanet_core.data.stereo_folder import PairFiles, stereo_folder
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


def shade(left, right):
    """Stands in for a network that works in full range: takes an eighth of the light."""
    assert left.dtype == np.uint16
    return left - left // 8, right - right // 8


def deep_drive(folder, brightest: list[int], gray: bool = False):
    """Pairs of 12 bits in 16, the views of each up to a value."""
    generator = np.random.default_rng(4)
    for view in ("left", "right"):
        (folder / view).mkdir(parents=True)
        for number, most in enumerate(brightest):
            samples = generator.integers(0, most + 1, (16, 20) if gray else (16, 20, 3), np.uint16)
            samples[0, 0] = most
            cv2.imwrite(str(folder / view / f"{number}.png"), samples)
    return stereo_folder(folder)


@pytest.mark.parametrize("gray", [False, True])
def test_twelve_bits_of_sixteen_stay_so(tmp_path, gray: bool):
    files = deep_drive(tmp_path / "drive", [4080], gray)

    derain_pair(shade, files[0], tmp_path / "out")

    before = cv2.imread(str(files[0].left), cv2.IMREAD_UNCHANGED)
    after = cv2.imread(str(tmp_path / "out/left.png"), cv2.IMREAD_UNCHANGED)
    assert (after.dtype, after.shape) == (np.uint16, before.shape)
    assert np.abs(after - before * 7 / 8).max() <= 1


def test_a_dark_pair_after_a_bright_one_is_not_brightened_also_after_an_interruption(tmp_path):
    files = deep_drive(tmp_path / "drive", [4000, 200, 100])
    seen = []

    def watch(left, right):
        seen.append(int(left.max()))
        if len(seen) == 2:
            raise KeyboardInterrupt
        return left, right

    with pytest.raises(KeyboardInterrupt):
        derain_folders(watch, files, tmp_path / "out", {})
    derain_folders(watch, files, tmp_path / "out", {})

    expected = [round(most * 65535 / 4095) for most in (4000, 200, 200, 100)]
    assert seen == expected


def test_alpha_and_depth_of_each_view_are_kept(tmp_path):
    left = np.random.default_rng(0).integers(0, 65536, (16, 20, 4), np.uint16)
    (tmp_path / "pair").mkdir()
    cv2.imwrite(str(tmp_path / "pair/left.png"), left)
    cv2.imwrite(str(tmp_path / "pair/right.png"), (left[..., :3] // 257).astype(np.uint8))

    derain_pair(shade, PairFiles(*sorted((tmp_path / "pair").iterdir())), tmp_path / "out")

    found = [cv2.imread(str(tmp_path / f"out/{view}.png"), -1) for view in ("left", "right")]
    assert [(view.dtype, view.shape[2]) for view in found] == [(np.uint16, 4), (np.uint8, 3)]
    np.testing.assert_array_equal(found[0][..., 3], left[..., 3])


def test_a_link_that_leads_nowhere_costs_its_pair_only(tmp_path, make_drive, inverter, caplog):
    drive = make_drive("drive", 3)
    (drive / "right/001.png").unlink()
    (drive / "right/001.png").symlink_to(tmp_path / "gone.png")

    tally = derain_folders(inverter, stereo_folder(drive), tmp_path / "out", {})

    assert tally.derained == 2
    assert "right/001.png (to " in caplog.text
    assert sorted(path.name for path in (tmp_path / "out/left").iterdir()) == ["000.png", "002.png"]
