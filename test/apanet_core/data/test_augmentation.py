from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np
import torch

from apanet_core.data.augmentation import Augmentation, draw_augmentation, no_augmentation
from apanet_core.data.camera import Camera
from apanet_core.data.drawn_cameras import draw_cameras
from apanet_core.data.rainy_scene import RainyScene, SceneView, dry, given

COLUMNS = np.arange(100, 160, dtype=np.uint8)
# Left column x shows what right column x - 4 shows; values tell columns, rows and channels.
SCENE = COLUMNS[None, :, None] + np.array([0, 20, 40], np.uint8)
LEFT = np.repeat(SCENE[:, :-4], 8, axis=0)
RIGHT = np.repeat(SCENE[:, 4:], 8, axis=0)
DISPARITY = np.full(LEFT.shape[:2], 4, np.float32)
PLAIN = (Camera(), Camera())
NOISY = (Camera(gamma=0.8, noise_levels=5.0), Camera(saturation=0.0, noise_levels=5.0))


def wet(clean: np.ndarray, hazy: np.ndarray | None = None) -> SceneView:
    """A view on which rain adds 40 levels, and drops on the lens cover the left half."""
    on_lens = np.zeros(clean.shape[:2], np.float32)
    on_lens[:, : clean.shape[1] // 2] = 0.5
    return SceneView(clean + np.uint8(40), clean, hazy, on_lens)


WET = RainyScene(wet(LEFT // 2, LEFT // 2 + np.uint8(20)), wet(RIGHT // 2), DISPARITY)
DRY = RainyScene(dry(LEFT), dry(RIGHT), DISPARITY)


def changed(scene: RainyScene, cameras=PLAIN, mirrored: bool = False, seed: int = 0):
    return Augmentation(mirrored, cameras, np.random.default_rng(seed)).sample(scene)


def samples(scene: RainyScene, count: int = 20):
    return [draw_augmentation(np.random.default_rng(seed)).sample(scene) for seed in range(count)]


def as_levels(view: torch.Tensor) -> np.ndarray:
    return view.permute(1, 2, 0).numpy() * 255


def test_a_scene_becomes_tensors_in_range() -> None:
    for sample in samples(WET):
        for view in (*sample[:4], sample.hazy_left, sample.hazy_right):
            assert view.shape == (3, 8, 56)
            assert view.dtype == torch.float32
            assert not (view < 0).any()
            assert not (view > 1).any()
        for single in (sample.disparity, sample.drops_left, sample.drops_right):
            assert single.shape == (1, 8, 56)
            assert single.dtype == torch.float32


def test_plain_cameras_show_a_scene_as_it_is() -> None:
    sample = changed(WET)

    for tensor, view in (
        (sample.rainy_left, WET.left.rainy),
        (sample.rainy_right, WET.right.rainy),
        (sample.clean_left, WET.left.clean),
        (sample.clean_right, WET.right.clean),
        (sample.hazy_left, WET.left.hazy),
    ):
        np.testing.assert_allclose(as_levels(tensor), view, atol=1e-4)
    np.testing.assert_array_equal(sample.drops_left[0], WET.left.on_lens)
    assert (sample.disparity[..., 4:] == 4).all()


def test_a_haze_that_nobody_knows_is_nan() -> None:
    sample = changed(WET, NOISY)

    assert torch.isfinite(sample.hazy_left).all()
    assert torch.isnan(sample.hazy_right).all()


def test_mirroring_mirrors_everything_and_swaps_the_views() -> None:
    straight, mirrored = changed(WET), changed(WET, mirrored=True)

    for name in ("rainy", "clean", "drops"):
        for one, other in (("left", "right"), ("right", "left")):
            there = getattr(mirrored, f"{name}_{one}")
            assert torch.equal(there, getattr(straight, f"{name}_{other}").flip(2))
    assert torch.isnan(mirrored.hazy_left).all()
    assert torch.equal(mirrored.hazy_right, straight.hazy_left.flip(2))


def test_each_view_is_shown_by_its_own_camera() -> None:
    grey, dark = Camera(saturation=0.0), Camera(balance=(0.5, 0.5, 0.5))
    for mirrored in (False, True):
        sample = changed(WET, (grey, dark), mirrored)
        views = (sample.rainy_left, sample.rainy_right, sample.clean_left, sample.clean_right)
        colored = [bool((view[0] != view[1]).any()) for view in views]
        # The camera goes with its view where this one changes sides.
        assert colored == [mirrored, not mirrored] * 2


def test_rainy_clean_and_hazy_have_one_tone_and_only_rain_is_recorded() -> None:
    camera = Camera(gamma=0.8, noise_levels=5.0)
    sample = changed(WET, (camera, camera))

    assert WET.left.hazy is not None
    for tensor, view in (
        (sample.clean_left, WET.left.clean),
        (sample.clean_right, WET.right.clean),
        (sample.hazy_left, WET.left.hazy),
    ):
        np.testing.assert_allclose(as_levels(tensor), camera.shown(view) * 255)
    noise = as_levels(sample.rainy_left) - camera.shown(WET.left.rainy) * 255
    assert 3 < noise.std() < 7


def test_a_dry_view_is_its_own_target_with_its_noise() -> None:
    sample = changed(DRY, NOISY)

    assert torch.equal(sample.rainy_left, sample.clean_left)
    assert torch.equal(sample.rainy_left, sample.hazy_left)
    assert torch.equal(sample.rainy_right, sample.clean_right)
    noise = as_levels(sample.clean_left) - NOISY[0].shown(LEFT) * 255
    assert 3 < noise.std() < 7
    assert sample.drops_left.max() == 0


def test_a_dry_pair_may_be_wet_in_one_view() -> None:
    sample = changed(RainyScene(wet(LEFT // 2), dry(RIGHT), None), NOISY)

    assert not torch.equal(sample.rainy_left, sample.clean_left)
    assert torch.equal(sample.rainy_right, sample.clean_right)


def test_cameras_differ_from_draw_to_draw() -> None:
    levels = {round(float(sample.rainy_left.mean()), 5) for sample in samples(DRY, 40)}

    # A quarter of the cameras is plain, but for noise and compression.
    assert len(levels) > 28


def test_a_generator_draws_the_change() -> None:
    one, again, other = (
        draw_augmentation(np.random.default_rng(seed)).sample(WET) for seed in (1, 1, 2)
    )

    assert all(torch.equal(*both) for both in zip(one[:4], again[:4], strict=True))
    assert not torch.equal(one.rainy_left, other.rainy_left)
    assert draw_augmentation(np.random.default_rng(1)).cameras == _cameras_of(1)


def _cameras_of(seed: int):
    generator = np.random.default_rng(seed)
    generator.random()
    return draw_cameras(generator)


def test_half_of_the_scenes_are_mirrored() -> None:
    mirrored = [draw_augmentation(np.random.default_rng(seed)).mirrored for seed in range(400)]

    assert 160 < sum(mirrored) < 240


def test_mirroring_keeps_the_disparity() -> None:
    for mirrored in (False, True):
        sample = changed(DRY, mirrored=mirrored)
        left, right = sample.rainy_left, sample.rainy_right
        assert torch.equal(left[..., 4:], right[..., :-4])
        assert torch.isnan(sample.disparity[..., :4]).all()
        assert (sample.disparity[..., 4:] == 4).all()


@pytest.mark.parametrize("mirrored", [False, True])
def test_what_only_one_view_sees_has_no_disparity(mirrored: bool) -> None:
    # A near box, disparity 6, before a wall, disparity 2.
    disparity = np.full((1, 40), 2, np.float32)
    disparity[0, 20:28] = 6
    wall = np.arange(42, dtype=np.float32)
    left, right = wall[:40].copy(), wall[2:].copy()
    left[20:28] = right[14:22] = 100 + np.arange(8)
    pair = (dry(np.repeat(np.uint8(view)[None, :, None], 3, axis=2)) for view in (left, right))

    sample = changed(RainyScene(*pair, disparity), mirrored=mirrored)

    known = sample.disparity[0, 0].isfinite()
    assert 24 < known.sum() < 38
    columns = np.flatnonzero(known)
    matches = columns - sample.disparity[0, 0, columns].numpy().astype(int)
    assert torch.equal(sample.clean_left[:, 0, columns], sample.clean_right[:, 0, matches])


def test_without_a_disparity_none_is_known() -> None:
    for sample in samples(RainyScene(given(LEFT, LEFT), given(RIGHT, RIGHT), None)):
        assert sample.disparity.shape == (1, 8, 56)
        assert torch.isnan(sample.disparity).all()


def test_without_augmentation_views_are_as_they_are() -> None:
    for seed in range(4):
        sample = no_augmentation(np.random.default_rng(seed)).sample(WET)
        assert all(torch.equal(*both) for both in zip(sample[:4], changed(WET)[:4], strict=True))


def test_real_rain_is_recorded_as_made_rain_is() -> None:
    for seed in range(6):
        made = draw_augmentation(np.random.default_rng(seed)).sample(DRY)
        real = draw_augmentation(np.random.default_rng(seed)).real_sample((LEFT, RIGHT))
        assert torch.equal(real.rainy_left, made.rainy_left)
        assert torch.equal(real.rainy_right, made.rainy_right)


def test_nothing_is_turned_upside_down() -> None:
    sky_above = np.repeat(np.linspace(250, 10, 8).astype(np.uint8)[:, None, None], 8, axis=1)
    sky_above = np.repeat(sky_above, 3, axis=2)
    for sample in samples(RainyScene(dry(sky_above), dry(sky_above), None)):
        assert sample.rainy_left[0, :3].mean() > sample.rainy_left[0, -3:].mean() + 0.1
