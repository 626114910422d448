from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.clean_single import CleanSingle
from apanet_core.data.clean_stereo import CleanStereo
from apanet_core.data.mixture import Mixture
from apanet_core.data.rainy_single import RainySingle
from apanet_core.data.rainy_stereo import FOLDERS, RainyStereo
from apanet_core.data.real_single import RealSingle
from apanet_core.data.real_stereo import RealStereo
from apanet_core.data.sources import SourceOptions, load_source, part_of
from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.files import write_rgb

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"

LAYOUTS = {
    "clean_stereo": (CleanStereo, ("left", "right")),
    "clean_single": (CleanSingle, (".",)),
    "rainy_stereo": (RainyStereo, tuple(f"training/{name}" for name in FOLDERS)),
    "rainy_single": (RainySingle, ("rain", "gt")),
    "real_stereo": (RealStereo, ("train/left", "train/right")),
    "real_single": (RealSingle, ("photos/wet",)),
}


def write_folder(folder: Path, names: tuple[str, ...], count: int = 2) -> Path:
    texture = np.random.default_rng(0).integers(0, 256, (40, 140, 3), np.uint8)
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            write_rgb(folder / name / f"{number}.png", texture)
    return folder


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_kind_is_loaded_and_drawn_from(kind, tmp_path) -> None:
    source_type, names = LAYOUTS[kind]
    source = load_source(kind, write_folder(tmp_path, names), SourceOptions())
    assert type(source) is source_type
    assert len(source) == 2
    sample = Mixture([(source, 1.0)], (32, 48), 0, 1, 0)[0]
    assert len(sample[:4]) == (2 if kind.startswith("real") else 4)
    assert {view.shape for view in sample[:4]} == {(3, 32, 48)}


def test_pictures_smaller_than_the_crop_give_smaller_samples(tmp_path) -> None:
    folder = write_folder(tmp_path, ("left", "right"))
    options = SourceOptions(largest_crop=(40, 64))
    source = load_source("clean_stereo", folder, options)

    source.check_crop((64, 48))

    assert source.description.endswith("crops up to 64x40")
    for crop, shape in (((64, 48), (3, 40, 48)), ((32, 128), (3, 32, 64))):
        sample = source.draw(np.random.default_rng(0), crop)
        assert {view.shape for view in sample[:4]} == {shape}


@pytest.mark.parametrize(
    ("augmented", "cameras"), [(True, True), (True, False), (False, False), (False, True)]
)
@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_kind_can_be_left_as_its_pictures_are(kind, augmented, cameras, tmp_path) -> None:
    folder = write_folder(tmp_path, LAYOUTS[kind][1])
    source = load_source(kind, folder, SourceOptions(augmented=augmented, cameras=cameras))
    draws = [source.draw(np.random.default_rng(seed), (32, 48)) for seed in range(12)]
    # Of the cameras that show the coloured pictures a third is grey.
    grey = [torch.equal(view[0], view[1]) for draw in draws for view in draw[:2]]
    assert any(grey) is (augmented and cameras)
    # Another exposure, which is not rounded in the clean views, falls between the levels.
    levels = [255 * view for draw in draws for view in draw[2:4]]
    if levels:
        between = [(view - view.round()).abs().max() > 0.01 for view in levels]
        assert any(between) is augmented


@pytest.mark.parametrize("kind", LAYOUTS)
def test_an_empty_folder_is_named(kind, tmp_path) -> None:
    with pytest.raises(ImageError, match=re.escape(str(tmp_path))):
        load_source(kind, tmp_path, SourceOptions())


def test_an_unknown_kind_lists_the_valid_ones(tmp_path) -> None:
    message = f"Unknown kind of source 'stereo'; valid: {', '.join(LAYOUTS)}."
    with pytest.raises(ConfigError, match=re.escape(message)):
        load_source("stereo", tmp_path, SourceOptions())


def test_parts_divide_a_folder(tmp_path) -> None:
    files = list(range(10))
    assert part_of(files, (0.0, 0.75), tmp_path) == list(range(8))
    assert part_of(files, (0.75, 1.0), tmp_path) == [8, 9]
    message = f"{tmp_path} holds 10 pictures or pairs, none from 0.5 to 0.52: choose a larger part."
    with pytest.raises(ImageError, match=re.escape(message)):
        part_of(files, (0.5, 0.52), tmp_path)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_kind_takes_a_part(kind, tmp_path) -> None:
    folder = write_folder(tmp_path, LAYOUTS[kind][1])
    assert len(load_source(kind, folder, SourceOptions(part=(0.5, 1.0)))) == 1


@pytest.mark.parametrize("kind", ["clean_stereo", "clean_single"])
def test_rain_takes_its_options(kind, tmp_path) -> None:
    folder = write_folder(tmp_path / "clean", LAYOUTS[kind][1])
    masks = write_folder(tmp_path, ("masks",)) / "masks"
    options = SourceOptions(clear_share=1.0, streak_masks=masks, mask_share=0.5)
    source = load_source(kind, folder, options)
    assert ", rain rendered, 50% of it from 2 masks" in source.description
    # A plausible disparity says too little about where the ground is.
    assert ("on wet ground" in source.description) == (kind == "clean_stereo")
    sample = source.draw(np.random.default_rng(0), (32, 48))
    assert sample.rainy_left.equal(sample.clean_left)


@pytest.mark.parametrize("kind", ["clean_stereo", "clean_single"])
def test_rain_is_drawn_kind_by_kind_where_asked(kind, tmp_path) -> None:
    folder = write_folder(tmp_path, LAYOUTS[kind][1])
    options = SourceOptions(separate_share=0.5, thin_share=0.1, spoilt_share=1.0)
    source = load_source(kind, folder, options)

    assert "50% of it kind by kind" in source.description
    for seed in range(4):
        # Nothing fits where one view is no help.
        assert torch.isnan(source.draw(np.random.default_rng(seed), (32, 48)).disparity).all()


def test_clean_pairs_are_shown_larger_and_smaller_where_asked(tmp_path) -> None:
    folder = write_folder(tmp_path, LAYOUTS["clean_stereo"][1])
    plain, scaled = (
        load_source(
            "clean_stereo", folder, SourceOptions(clear_share=1.0, scaled_share=s, augmented=False)
        )
        for s in (0.0, 1.0)
    )

    for seed in range(3):
        one, other = (s.draw(np.random.default_rng(seed), (32, 48)) for s in (plain, scaled))
        assert one.clean_left.shape == other.clean_left.shape
        assert not torch.equal(one.clean_left, other.clean_left)


def test_a_set_without_veil_knows_its_haze(tmp_path) -> None:
    folder = write_folder(tmp_path, LAYOUTS["rainy_single"][1])
    for veil_free in (False, True):
        source = load_source("rainy_single", folder, SourceOptions(veil_free=veil_free))
        sample = source.draw(np.random.default_rng(0), (32, 48))
        assert bool(torch.isfinite(sample.hazy_left).all()) is veil_free


def test_a_missing_folder_of_masks_is_named(tmp_path) -> None:
    folder = write_folder(tmp_path, (".",))
    with pytest.raises(ImageError, match=re.escape(f"No folder {tmp_path / 'masks'}")):
        load_source("clean_single", folder, SourceOptions(streak_masks=tmp_path / "masks"))


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"needs the pictures in {SHARED}")
@pytest.mark.parametrize(
    ("kind", "folder", "count", "crop"),
    [
        ("clean_single", "clean_single", 120, (256, 320)),
        ("rainy_single", "rain_single/train", 45, (256, 384)),
        ("real_single", "rain_real", 160, (256, 384)),
    ],
)
def test_real_pictures_are_drawn(kind, folder, count, crop) -> None:
    options = SourceOptions(streak_masks=SHARED / "streaks", mask_share=0.5)
    source = load_source(kind, SHARED / folder, options)
    assert len(source) == count
    samples = Mixture([(source, 1.0)], crop, 0, 3, seed=0)
    for sample in (samples[i] for i in range(3)):
        for view in sample[:4]:
            assert view.shape == (3, *crop)
            assert view.std() > 0.02
