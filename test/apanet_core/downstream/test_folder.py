from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from apanet_core.downstream.folder import Cameras, folder_pairs, motorcycle_pairs, read_truth
from apanet_core.downstream.pairs import Pairs, Rain
from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.files import write_rgb
from apanet_core.rain import StereoGeometry

RAIN = Rain("heavy", 1, runs_on=False)
CAMERAS = Cameras(StereoGeometry(500.0, 0.2, (20.0, 10.0)), 20.0)


def pairs_of(folder: Path) -> Pairs:
    return folder_pairs(folder, RAIN, CAMERAS)


def fill(folder: Path, names: tuple[str, ...], stems: tuple[str, ...] = ("1", "2")) -> Path:
    """Write pictures of one grey level for each folder name."""
    for level, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for stem in stems:
            write_rgb(folder / name / f"{stem}.png", np.full((40, 48, 3), 40 * level, np.uint8))
    return folder


def test_clean_pairs_are_rained_on_and_have_stamps_and_cameras(tmp_path) -> None:
    pairs = list(pairs_of(fill(tmp_path, ("left", "right"))))

    assert [pair.name for pair in pairs] == ["1", "2"]
    assert [pair.clean.stamp_ns for pair in pairs] == [0, 50_000_000]
    assert pairs[0].clean.camera == CAMERAS.geometry
    assert pairs[0].clean.disparity is None
    assert (pairs[0].clean.right == 40).all()
    assert (pairs[0].rainy[0] != 0).any()


def test_recorded_rain_is_taken_as_it_is(tmp_path) -> None:
    folder = fill(tmp_path, ("rain_left", "rain_right", "gt_left", "gt_right"))

    (first, _) = pairs_of(folder)

    levels = [int(view.max()) for view in (*first.rainy, first.clean.left, first.clean.right)]
    assert levels == [0, 40, 80, 120]


def test_true_disparities_come_where_they_are(tmp_path) -> None:
    fill(tmp_path, ("left", "right"))
    (tmp_path / "disparity").mkdir()
    steps = np.full((40, 48), 512, np.uint16)
    steps[0] = 0
    cv2.imwrite(str(tmp_path / "disparity" / "2.png"), steps)

    first, second = pairs_of(tmp_path).clean()

    assert first.disparity is None
    assert second.disparity is not None
    assert np.isnan(second.disparity[0]).all()
    assert (second.disparity[1:] == 2).all()


def test_disparities_that_belong_to_no_pair_are_told(tmp_path) -> None:
    fill(tmp_path, ("left", "right"))
    fill(tmp_path, ("disparity",), ("disp_1",))

    with pytest.raises(ImageError, match=r"disparity with a pair's name, such as 1\.png: rename"):
        pairs_of(tmp_path)


def test_a_disparity_of_another_size_is_told(tmp_path) -> None:
    np.save(tmp_path / "1.npy", np.ones((10, 20)))

    with pytest.raises(ImageError, match=r"1\.npy is 20x10, its pair 48x40: a disparity needs"):
        read_truth(tmp_path / "1.npy", (40, 48))


def test_views_of_two_sizes_are_told(tmp_path) -> None:
    folder = fill(tmp_path, ("rain_left", "rain_right", "gt_left", "gt_right"))
    write_rgb(folder / "rain_right" / "2.png", np.zeros((40, 50, 3), np.uint8))

    with pytest.raises(
        ImageError, match=r"rain_left/2\.png is 48x40, .*rain_right/2\.png is 50x40"
    ):
        list(pairs_of(folder))


def test_a_damaged_picture_is_told(tmp_path) -> None:
    folder = fill(tmp_path, ("left", "right"))
    (folder / "right" / "2.png").write_bytes(b"half a picture")

    with pytest.raises(ImageError, match=r"Cannot read .*right/2\.png as an image"):
        list(pairs_of(folder))


def test_folders_that_hold_no_pairs_are_refused(tmp_path) -> None:
    with pytest.raises(ImageError, match=r"No folder .*none: check the path"):
        pairs_of(tmp_path / "none")
    with pytest.raises(ConfigError, match=r"holds no pairs: give a folder with left/ right/, or"):
        pairs_of(fill(tmp_path / "single", ("rain", "gt")))
    with pytest.raises(ImageError, match=r"No folder .*right: check the path"):
        pairs_of(fill(tmp_path / "half", ("left",)))


def test_the_motorcycle_has_its_truth_and_its_own_cameras() -> None:
    pytest.importorskip("skimage")

    (pair,) = motorcycle_pairs(RAIN)

    assert pair.name == "motorcycle"
    assert pair.clean.left.shape == (500, 710, 3)
    assert pair.clean.disparity is not None
    assert pair.clean.camera.baseline_m == pytest.approx(0.193, abs=0.001)
