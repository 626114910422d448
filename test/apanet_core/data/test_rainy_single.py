from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.augmentation import no_augmentation
from apanet_core.data.rainy_single import RainySingle, rainy_single_files
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb

CROP = (32, 48)


@pytest.fixture
def folder(tmp_path, motorcycle) -> Path:
    """Two pictures; "rain" has made every value 40 brighter."""
    for name in ("rain", "gt"):
        (tmp_path / name).mkdir()
    for stem, rows in (("a", 100), ("b", 250)):
        clean = motorcycle[0][rows : rows + 60, 200:350] // 2
        write_rgb(tmp_path / "gt" / f"{stem}.png", clean)
        write_rgb(tmp_path / "rain" / f"{stem}.png", clean + np.uint8(40))
    return tmp_path


def test_rainy_and_clean_views_go_together(folder) -> None:
    source = RainySingle(rainy_single_files(folder), no_augmentation)
    assert len(source) == 2
    assert source.description == "2 single rainy pictures with their clean ones"
    for seed in range(10):
        sample = source.draw(np.random.default_rng(seed), CROP)
        assert {view.shape for view in sample[:4]} == {(3, *CROP)}
        for rainy, clean in ((sample[0], sample[2]), (sample[1], sample[3])):
            # Sorted by the clean values, the rainy ones rise: it is the same place.
            order = clean[1].flatten().argsort(stable=True)
            assert torch.diff(rainy[1].flatten()[order]).min() > -0.03
            assert (rainy > clean).float().mean() > 0.95


def test_half_of_the_draws_show_both_cameras_the_same(folder) -> None:
    source = RainySingle(rainy_single_files(folder), no_augmentation)
    same = 0
    for seed in range(40):
        sample = source.draw(np.random.default_rng(seed), CROP)
        same += torch.equal(sample.rainy_left, sample.rainy_right)
    assert 10 < same < 30


def test_the_haze_is_known_where_streaks_fall_without_a_veil(folder) -> None:
    files = rainy_single_files(folder)
    for seed in range(4):
        unknown, known = (
            RainySingle(files, veil_free=veil_free).draw(np.random.default_rng(seed), CROP)
            for veil_free in (False, True)
        )
        assert torch.isnan(unknown.hazy_left).all()
        assert torch.isnan(unknown.hazy_right).all()
        assert torch.equal(known.hazy_left, known.clean_left)
        assert torch.equal(known.hazy_right, known.clean_right)
        assert torch.equal(known.rainy_left, unknown.rainy_left)
        assert known.drops_left.max() == 0


def test_unpaired_files_are_listed(folder) -> None:
    (folder / "rain" / "b.png").rename(folder / "rain" / "c.png")
    alone = f"{folder / 'gt' / 'b.png'}, {folder / 'rain' / 'c.png'}"
    with pytest.raises(ImageError, match=re.escape(f"of the same stem: {alone}.")):
        rainy_single_files(folder)


def test_pictures_of_two_sizes_are_refused(folder) -> None:
    write_rgb(folder / "gt" / "b.png", np.zeros((60, 149, 3), np.uint8))
    with pytest.raises(ImageError, match=r"rain/b\.png is 150x60, .*gt/b\.png is 149x60"):
        RainySingle(rainy_single_files(folder))


def test_a_picture_smaller_than_the_crop_is_named(folder) -> None:
    source = RainySingle(rainy_single_files(folder))
    source.check_crop((60, 150))
    with pytest.raises(
        ImageError, match=r"rain/a\.png of 150x60 is smaller than the crop of 48x61"
    ):
        source.check_crop((61, 48))
