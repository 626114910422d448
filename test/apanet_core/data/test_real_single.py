from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.augmentation import no_augmentation
from apanet_core.data.real_single import RealSingle, pictures_below
from apanet_core.data.sample import RealSample
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb


@pytest.fixture
def folder(tmp_path, motorcycle) -> Path:
    for name, rows in (("video/drive/b.png", 60), ("a.jpg", 90)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rgb(path, motorcycle[0][100 : 100 + rows, 200:350])
    return tmp_path


def test_pictures_at_any_depth_are_found(folder) -> None:
    (folder / "video" / "notes.txt").write_text("no picture")
    found = pictures_below(folder)
    assert found == [folder / "a.jpg", folder / "video" / "drive" / "b.png"]
    assert RealSingle(found).description == "2 single pictures of real rain"


def test_half_of_the_draws_show_both_cameras_the_same(folder) -> None:
    source = RealSingle(pictures_below(folder), no_augmentation)
    samples = [source.draw(np.random.default_rng(seed), (32, 48)) for seed in range(40)]
    assert all(isinstance(sample, RealSample) for sample in samples)
    assert {view.shape for sample in samples for view in sample} == {(3, 32, 48)}
    same = sum(torch.equal(sample.rainy_left, sample.rainy_right) for sample in samples)
    assert 10 < same < 30


@pytest.mark.parametrize("crop", [(128, 64), (64, 256), (61, 151)])
def test_a_picture_smaller_than_the_crop_is_enlarged(crop, folder) -> None:
    source = RealSingle(pictures_below(folder / "video"))
    source.check_crop(crop)
    sample = source.draw(np.random.default_rng(0), crop)
    assert sample.rainy_left.shape == sample.rainy_right.shape == (3, *crop)


def test_enlarging_keeps_the_proportions(tmp_path) -> None:
    left_half_bright = np.zeros((20, 40, 3), np.uint8)
    left_half_bright[:, :20] = 200
    write_rgb(tmp_path / "a.png", left_half_bright)
    sample = RealSingle([tmp_path / "a.png"], no_augmentation).draw(
        np.random.default_rng(0), (40, 80)
    )
    bright = (sample.rainy_left > sample.rainy_left.mean()).float().mean()
    assert abs(bright - 0.5) < 0.02


def test_a_folder_without_pictures_is_named(tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match=re.escape(f"No pictures below {tmp_path} (.bmp, ")):
        pictures_below(tmp_path)
    with pytest.raises(ImageError, match=re.escape(f"No folder {tmp_path / 'none'}: check")):
        pictures_below(tmp_path / "none")


def test_a_damaged_picture_is_named(folder) -> None:
    (folder / "a.jpg").write_text("no picture")
    source = RealSingle([folder / "a.jpg"])
    with pytest.raises(ImageError, match=re.escape(f"Cannot read {folder / 'a.jpg'} as an image")):
        source.draw(np.random.default_rng(0), (32, 48))
