from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.imaging.files import write_rgb
from apanet_core.training.load_data import load_training_data
from apanet_core.training.recipe import load_recipe

SOURCE = "kind: rainy_stereo, folder: training, part: [0, 0.5]"
RECIPE = """
extends: tiny
name: test
train: [{SOURCE}]
validate: {kind: rainy_stereo, folder: training, part: [0.5, 1], scenes: 1}
stages: [{crop: [32, 48], batch_size: 1, steps: 1}]
"""


@pytest.fixture
def root(tmp_path):
    """Two pairs, one of them black."""
    texture = np.random.default_rng(0).integers(20, 256, (40, 80, 3), np.uint8)
    for view in ("rain_left", "rain_right", "gt_left", "gt_right"):
        folder = tmp_path / "training" / view
        folder.mkdir(parents=True)
        write_rgb(folder / "0.png", texture)
        write_rgb(folder / "1.png", np.zeros_like(texture))
    return tmp_path


def draws(source: str, root):
    path = root / "recipe.yaml"
    path.write_text(RECIPE.replace("SOURCE", source))
    [(loaded, _)] = load_training_data(load_recipe(path), root).sources
    return [loaded.draw(np.random.default_rng(seed), (32, 48)) for seed in range(6)]


def test_a_source_gives_only_its_part(root) -> None:
    assert all(sample.clean_left.min() > 0 for sample in draws(SOURCE, root))


def test_a_source_limits_its_crops(root) -> None:
    [sample, *_] = draws(f"{SOURCE}, largest_crop: [16, 64]", root)
    assert sample.clean_left.shape == (3, 16, 48)


@pytest.mark.parametrize("augment", ["true", "false"])
def test_a_source_is_augmented_unless_told_otherwise(root, augment) -> None:
    samples = draws(f"{SOURCE}, augment: {augment}", root)
    levels = torch.cat([sample.clean_left.flatten() for sample in samples]) * 255
    unchanged = torch.allclose(levels, levels.round(), atol=1e-4)
    assert unchanged is (augment == "false")


CLEAN = "kind: clean_stereo, folder: clean, clear_share: 1.0, augment: false"


@pytest.fixture
def clean_root(root):
    """As `root`, with one clean pair."""
    texture = np.random.default_rng(0).integers(20, 256, (60, 90, 3), np.uint8)
    for view in ("left", "right"):
        (root / "clean" / view).mkdir(parents=True)
        write_rgb(root / "clean" / view / "0.png", texture)
    return root


def test_options_of_a_recipe_reach_its_source(clean_root) -> None:
    plain = draws(CLEAN, clean_root)
    scaled = draws(f"{CLEAN}, scaled_share: 1.0", clean_root)
    spoilt = draws(f"{CLEAN}, spoilt_share: 1.0", clean_root)

    assert not torch.equal(plain[0].clean_left, scaled[0].clean_left)
    assert any(not torch.isnan(sample.disparity).all() for sample in plain)
    assert all(torch.isnan(sample.disparity).all() for sample in spoilt)


def test_thin_structures_and_kinds_of_rain_reach_it_too(clean_root) -> None:
    thin = draws(f"{CLEAN}, thin_share: 1.0", clean_root)
    apart = draws(f"{CLEAN.replace('1.0', '0.0')}, wet_share: 0, separate_share: 1.0", clean_root)
    plain = draws(f"{CLEAN.replace('1.0', '0.0')}, wet_share: 0", clean_root)

    dry = draws(CLEAN, clean_root)
    assert any(
        not torch.equal(one.clean_left, other.clean_left)
        for one, other in zip(thin, dry, strict=True)
    )
    # Plain rain always has its veil; of rain that is drawn kind by kind some has none.
    assert all(not torch.equal(sample.hazy_left, sample.clean_left) for sample in plain)
    assert any(torch.equal(sample.hazy_left, sample.clean_left) for sample in apart)


def test_a_set_without_veil_knows_its_haze(root) -> None:
    texture = np.random.default_rng(1).integers(20, 200, (40, 80, 3), np.uint8)
    for name in ("rain", "gt"):
        (root / "single" / name).mkdir(parents=True)
    write_rgb(root / "single" / "rain" / "0.png", texture + np.uint8(20))
    write_rgb(root / "single" / "gt" / "0.png", texture)
    source = "kind: rainy_single, folder: single"

    assert all(torch.isnan(sample.hazy_left).all() for sample in draws(source, root))
    free = draws(f"{source}, veil_free: true", root)
    assert all(torch.equal(sample.hazy_left, sample.clean_left) for sample in free)
