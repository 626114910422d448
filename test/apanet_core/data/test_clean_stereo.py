from __future__ import annotations

import re

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from apanet_core.data.augmentation import draw_augmentation, no_augmentation
from apanet_core.data.clean_stereo import CleanStereo, load_clean_stereo, resized
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.scene import Scene
from apanet_core.data.stereo_folder import stereo_folder
from apanet_core.errors import ImageError
from apanet_core.imaging.files import write_rgb

CROP = (48, 64)
RAINY, DRY = RenderedRain(0.0), RenderedRain(1.0)


def draws(source: CleanStereo, count: int, crop=CROP):
    return [source.draw(np.random.default_rng(i), crop) for i in range(count)]


def mirrored(generator: np.random.Generator):
    """Mirror half of the scenes and leave the rest of them as they are."""
    change = draw_augmentation(generator)
    return change._replace(cameras=no_augmentation(generator).cameras)


def test_a_sample_is_views_in_range(make_scenes) -> None:
    source = CleanStereo(make_scenes(2, 80, 120), RAINY)
    assert len(source) == 2
    assert source.description == "2 clean pairs, rain rendered"
    sample = draws(source, 1)[0]
    assert sample.disparity.shape == sample.drops_left.shape == (1, *CROP)
    for view in (*sample[:4], sample.hazy_left, sample.hazy_right):
        assert view.shape == (3, *CROP)
        assert view.dtype == torch.float32
        assert view.min() >= 0
        assert view.max() <= 1


def test_each_rainy_view_goes_with_its_clean_one(make_scenes) -> None:
    for sample in draws(CleanStereo(make_scenes(2, 80, 120), RAINY, augment=no_augmentation), 16):
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
    for sample in draws(CleanStereo([scene], DRY, augment=mirrored), 16, (32, 80)):
        assert torch.equal(sample.clean_left[..., 6:], sample.clean_right[..., :-6])
        # Mirrored or not, the left border is outside the right view.
        assert torch.isnan(sample.disparity[..., :6]).all()
        assert (sample.disparity[..., 6:] == 6).all()


def matching(scene: Scene, disparity: np.ndarray) -> float:
    """How well the left view fits the right one at a disparity: their correlation."""
    columns = np.arange(disparity.shape[1]) - disparity
    inside = columns >= 0
    rows = np.broadcast_to(np.arange(len(disparity))[:, None], disparity.shape)
    right = scene.right[rows[inside], np.rint(columns[inside]).astype(int)]
    return float(np.corrcoef(scene.left[inside].ravel(), right.ravel())[0, 1])


@pytest.mark.parametrize("scale", [0.5, 0.8, 1.5])
def test_a_resized_scene_keeps_what_its_disparity_means(motorcycle, scale: float) -> None:
    left, right, disparity = motorcycle
    window = np.s_[100:260, 100:500]
    known = np.nan_to_num(disparity[window], posinf=0)
    scene = Scene(left[window], right[window], known.astype(np.float16))

    found = resized(scene, scale, (16, 16))

    size = (round(160 * scale), round(400 * scale))
    assert found.left.shape == found.right.shape == (*size, 3)
    assert found.left.dtype == np.uint8
    assert found.disparity.shape == size
    assert found.disparity.dtype == np.float16
    near = found.disparity.astype(np.float32)
    assert near.max() == pytest.approx(known.max() * scale, rel=0.01)
    # Occlusions fit nowhere.
    assert matching(found, near) > 0.8
    assert matching(found, near * 1.15) < 0.7


def test_a_resized_scene_holds_the_crop(make_scenes) -> None:
    [scene] = make_scenes(1, 80, 120)

    assert resized(scene, 0.5, (48, 64)).disparity.shape == (48, 64)


def test_a_share_of_the_scenes_is_scaled(make_scenes, monkeypatch) -> None:
    scenes = make_scenes(1, 120, 160)
    scales = []
    fall_on = RenderedRain.fall_on

    def noted(self, clean, disparity, geometry, generator):
        scales.append(geometry.focal_px / 721.5)
        return fall_on(self, clean, disparity, geometry, generator)

    monkeypatch.setattr(RenderedRain, "fall_on", noted)
    for sample in draws(CleanStereo(scenes, DRY, scaled_share=0.5), 60):
        assert sample.rainy_left.shape == (3, *CROP)

    scaled = [scale for scale in scales if scale != 1]
    assert 18 < len(scaled) < 42
    assert 0.5 <= min(scaled) < 0.7
    assert 1.2 < max(scaled) <= 1.5
    assert len(set(scaled)) == len(scaled)


def test_a_crop_as_large_as_a_scene_is_never_scaled_down(make_scenes) -> None:
    source = CleanStereo(make_scenes(1, 80, 120), DRY, scaled_share=1.0)

    for sample in draws(source, 10, (80, 120)):
        assert sample.rainy_left.shape == (3, 80, 120)


def test_unscaled_scenes_are_shown_as_they_are(make_scenes) -> None:
    scenes = make_scenes(1, 80, 120)
    source = CleanStereo(scenes, DRY, augment=no_augmentation)
    [sample] = draws(source, 1, (80, 120))

    np.testing.assert_allclose(
        sample.clean_left.permute(1, 2, 0).numpy() * 255, scenes[0].left, atol=1e-4
    )


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
