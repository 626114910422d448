from __future__ import annotations

import re

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.clean_stereo import CleanStereo, load_clean_stereo
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.scene import Scene
from apanet_core.data.stereo_folder import stereo_folder
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb

CROP = (48, 64)
RAINY, DRY = RenderedRain(0.0), RenderedRain(1.0)


def draws(source: CleanStereo, count: int, crop=CROP):
    return [source.draw(np.random.default_rng(i), crop) for i in range(count)]


def test_a_sample_is_four_views_in_range(make_scenes) -> None:
    source = CleanStereo(make_scenes(2, 80, 120), RAINY)
    assert len(source) == 2
    assert source.description == "2 clean pairs, rain rendered"
    for view in draws(source, 1)[0][:4]:
        assert view.shape == (3, *CROP)
        assert view.dtype == torch.float32
        assert view.min() >= 0
        assert view.max() <= 1


def test_each_rainy_view_goes_with_its_clean_one(make_scenes) -> None:
    for sample in draws(CleanStereo(make_scenes(2, 80, 120), RAINY), 16):
        rainy, clean = sample[:2], sample[2:4]
        for view in (0, 1):
            own, other = (
                (rainy[view] - target).square().mean() for target in (clean[view], clean[1 - view])
            )
            assert 0 < own < other


def test_a_dry_sample_is_its_clean_pair(make_scenes) -> None:
    for sample in draws(CleanStereo(make_scenes(1, 80, 120), DRY), 3):
        assert torch.equal(sample.rainy_left, sample.clean_left)
        assert torch.equal(sample.rainy_right, sample.clean_right)


def test_crops_keep_the_known_disparity() -> None:
    texture = np.random.default_rng(0).integers(40, 200, (40, 106, 3), np.uint8)
    # Left column x shows what right column x - 6 shows.
    scene = Scene(texture[:, :-6], texture[:, 6:], np.full((40, 100), 6, np.float16))
    for sample in draws(CleanStereo([scene], DRY), 16, (32, 80)):
        assert torch.equal(sample.clean_left[..., 6:], sample.clean_right[..., :-6])
        # Mirrored or not, the left border is outside the right view.
        assert torch.isnan(sample.disparity[..., :6]).all()
        assert (sample.disparity[..., 6:] == 6).all()


def test_a_crop_larger_than_a_scene_is_refused(make_scenes) -> None:
    scenes = [*make_scenes(1, 80, 120), *make_scenes(1, 70, 100)]
    source = CleanStereo(scenes, DRY, ["a.png", "b.png"])
    source.check_crop((70, 100))
    message = "b.png of 100x70 is smaller than the crop of 64x71"
    with pytest.raises(ImageError, match=message):
        source.check_crop((71, 64))
    with pytest.raises(ImageError, match=message):
        draws(source, 8, (71, 64))


def test_pairs_are_loaded_with_their_disparities(tmp_path, motorcycle) -> None:
    for name, view in zip(("left", "right"), motorcycle[:2], strict=True):
        (tmp_path / name).mkdir()
        write_rgb(tmp_path / name / "a.png", view[100:200, 200:500])
    source = load_clean_stereo(stereo_folder(tmp_path), RAINY)
    [sample] = draws(source, 1, (64, 96))
    assert not torch.equal(sample.rainy_left, sample.clean_left)
    with pytest.raises(ImageError, match=re.escape(f"{tmp_path / 'left' / 'a.png'} of 300x100 is")):
        source.check_crop((101, 64))
