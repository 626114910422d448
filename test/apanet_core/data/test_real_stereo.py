from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.augmentation import no_augmentation
from apanet_core.data.real_stereo import RealStereo, real_stereo_files
from apanet_core.data.sample import RealSample
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb


@pytest.fixture
def folder(tmp_path) -> Path:
    """Left column x shows what right column x - 5 shows."""
    texture = np.random.default_rng(0).integers(0, 256, (30, 65, 3), np.uint8)
    for name, view in (("left", texture[:, :-5]), ("right", texture[:, 5:])):
        (tmp_path / "train" / name).mkdir(parents=True)
        write_rgb(tmp_path / "train" / name / "a.png", view)
    return tmp_path


def test_both_views_show_one_place(folder) -> None:
    source = RealStereo(real_stereo_files(folder), no_augmentation)
    assert len(source) == 1
    assert source.description == "1 pairs of real rain"
    for seed in range(10):
        sample = source.draw(np.random.default_rng(seed), (24, 40))
        assert isinstance(sample, RealSample)
        assert sample.rainy_left.shape == (3, 24, 40)
        assert torch.equal(sample.rainy_left[..., 5:], sample.rainy_right[..., :-5])


def test_the_folder_itself_may_hold_the_views(folder) -> None:
    assert real_stereo_files(folder) == real_stereo_files(folder / "train")


def test_unpaired_files_are_listed(folder) -> None:
    alone = folder / "train" / "right" / "b.png"
    write_rgb(alone, np.zeros((3, 3, 3), np.uint8))
    with pytest.raises(ImageError, match=re.escape(f"of the same stem: {alone}.")):
        real_stereo_files(folder)


def test_views_of_two_sizes_are_refused(folder) -> None:
    write_rgb(folder / "train" / "right" / "a.png", np.zeros((30, 61, 3), np.uint8))
    with pytest.raises(ImageError, match=r"left/a\.png is 60x30, .*right/a\.png is 61x30"):
        RealStereo(real_stereo_files(folder))


def test_a_missing_folder_is_named(tmp_path) -> None:
    missing = tmp_path / "train" / "left"
    with pytest.raises(ImageError, match=re.escape(f"No folder {missing}: check the path.")):
        real_stereo_files(tmp_path)
