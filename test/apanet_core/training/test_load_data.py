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
