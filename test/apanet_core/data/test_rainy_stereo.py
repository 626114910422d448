from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.augmentation import no_augmentation
from apanet_core.data.rainy_stereo import FOLDERS, RainyStereo, rainy_stereo_files
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb

DISPARITY = 6


def write_pair(folder: Path, stem: str) -> None:
    """Left column x shows what right column x - 6 shows; "rain" is 40 levels brighter."""
    texture = np.random.default_rng(len(stem)).integers(40, 160, (40, 106, 3), np.uint8)
    left, right = texture[:, :-DISPARITY], texture[:, DISPARITY:]
    for name, view in zip(FOLDERS, (left + 40, right + 40, left, right), strict=True):
        (folder / name).mkdir(parents=True, exist_ok=True)
        write_rgb(folder / name / f"{stem}.png", view.astype(np.uint8))


def test_all_four_views_show_one_place(tmp_path) -> None:
    write_pair(tmp_path / "training", "000000_10")
    source = RainyStereo(rainy_stereo_files(tmp_path), no_augmentation)
    for seed in range(16):
        sample = source.draw(np.random.default_rng(seed), (32, 80))
        assert {view.shape for view in sample[:4]} == {(3, 32, 80)}
        for left, right in (sample[:2], sample[2:4]):
            assert torch.equal(left[..., DISPARITY:], right[..., :-DISPARITY])
        for unknown in (sample.disparity, sample.hazy_left, sample.hazy_right):
            assert torch.isnan(unknown).all()
        assert ((sample.rainy_left > sample.clean_left) | (sample.clean_left == 1)).all()
        assert ((sample.rainy_right > sample.clean_right) | (sample.clean_right == 1)).all()


def test_the_training_folder_is_found_and_testing_left_alone(tmp_path) -> None:
    for part, stems in (("training", ("a", "bb")), ("testing", ("ccc",))):
        for stem in stems:
            write_pair(tmp_path / part, stem)
    whole = rainy_stereo_files(tmp_path)
    assert [[path.parent.name for path in files] for files in whole] == [list(FOLDERS)] * 2
    assert whole == rainy_stereo_files(tmp_path / "training")
    assert [files[0].stem for files in whole] == ["a", "bb"]
    assert [files[0].stem for files in rainy_stereo_files(tmp_path / "testing")] == ["ccc"]
    assert RainyStereo(whole).description == "2 rainy pairs with their clean ones"


def test_unpaired_files_are_listed(tmp_path) -> None:
    for stem in ("a", "bb"):
        write_pair(tmp_path, stem)
    (tmp_path / "gt_right" / "bb.png").unlink()
    alone = ", ".join(str(tmp_path / name / "bb.png") for name in sorted(FOLDERS[:3]))
    with pytest.raises(ImageError, match=re.escape(f"of the same stem: {alone}.")):
        rainy_stereo_files(tmp_path)


@pytest.mark.parametrize("given", ["RainKITTI2012", "RainKITTI2012/training"])
def test_a_missing_folder_is_named_as_it_was_given(tmp_path, given: str) -> None:
    with pytest.raises(ImageError, match=re.escape(f"No folder {tmp_path / given}: check the")):
        rainy_stereo_files(tmp_path / given)


@pytest.mark.parametrize("empty", ["RainKITTI2012", "RainKITTI2012/training"])
def test_a_folder_without_views_is_told_with_what_was_looked_for(tmp_path, empty: str) -> None:
    (tmp_path / empty).mkdir(parents=True)
    for folder in {tmp_path / "RainKITTI2012", tmp_path / empty}:
        with pytest.raises(ImageError) as error:
            rainy_stereo_files(folder)
        assert str(error.value) == (
            f"{folder} holds no rain_left, rain_right, gt_left, gt_right, "
            "nor does its training/: check the path."
        )


@pytest.mark.parametrize("part", [".", "training"])
@pytest.mark.parametrize("missing", FOLDERS)
def test_a_missing_view_is_named(tmp_path, part: str, missing: str) -> None:
    write_pair(tmp_path / part, "a")
    shutil.rmtree(tmp_path / part / missing)
    sentence = f"No folder {tmp_path / part / missing}: check the path."
    with pytest.raises(ImageError, match=re.escape(sentence)):
        rainy_stereo_files(tmp_path)


def test_views_of_two_sizes_are_refused(tmp_path) -> None:
    write_pair(tmp_path, "a")
    write_rgb(tmp_path / "gt_left" / "a.png", np.zeros((41, 100, 3), np.uint8))
    with pytest.raises(ImageError, match=r"rain_left/a\.png is 100x40, .*gt_left/a\.png is 100x41"):
        RainyStereo(rainy_stereo_files(tmp_path))
