from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apanet_core.data import rendered_rain as module
from apanet_core.data.rainy_scene import RainyScene
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.errors import ImageError
from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_core.rain import StereoGeometry


def scene_of(scene, rain: RenderedRain, seed: int) -> RainyScene:
    clean = (scene.left, scene.right)
    disparity = scene.disparity.astype(np.float32)
    return rain.fall_on(clean, disparity, StereoGeometry(), np.random.default_rng(seed))


def fall(scene, rain: RenderedRain, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The rainy pair."""
    found = scene_of(scene, rain, seed)
    return found.left.rainy, found.right.rainy


def rainy_share(scene, clear_share: float, count: int) -> float:
    rain = RenderedRain(clear_share)
    return float(
        np.mean([not np.array_equal(fall(scene, rain, i)[0], scene.left) for i in range(count)])
    )


def test_the_clear_share_stays_dry(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)
    assert rainy_share(scene, clear_share=1.0, count=5) == 0
    assert rainy_share(scene, clear_share=0.0, count=5) == 1
    assert 0.3 < rainy_share(scene, clear_share=0.5, count=40) < 0.7


def test_a_dry_pair_is_equal_in_both_views(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)
    dry = fall(scene, RenderedRain(1.0), 0)
    np.testing.assert_array_equal(dry[0], scene.left)
    np.testing.assert_array_equal(dry[1], scene.right)
    found = scene_of(scene, RenderedRain(1.0), 0)
    assert found.left.is_dry
    assert found.right.is_dry


def test_rain_is_known_apart_from_haze(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)
    for seed in range(4):
        found = scene_of(scene, RenderedRain(0.0), seed)
        for view, clean in zip(found[:2], (scene.left, scene.right), strict=True):
            assert not view.is_dry
            np.testing.assert_array_equal(view.clean, clean)
            # Haze is even, what falls is not.
            rough = [np.abs(np.diff(p.astype(int), axis=1)).mean() for p in (view.rainy, view.hazy)]
            assert rough[0] > rough[1]
        np.testing.assert_array_equal(found.disparity, scene.disparity)


def share_of(rain: RenderedRain, scene, found, count: int = 40) -> float:
    return float(np.mean([bool(found(scene_of(scene, rain, seed))) for seed in range(count)]))


def test_a_share_of_the_rain_is_drawn_kind_by_kind(make_scenes, monkeypatch) -> None:
    [scene] = make_scenes(1, 48, 64)
    calls: list[int] = []
    drawn = module.separate_rain
    monkeypatch.setattr(
        module, "separate_rain", lambda *given: calls.append(len(given[3])) or drawn(*given)
    )
    rain = RenderedRain(0.0, separate_share=0.5)
    apart = 0
    for seed in range(40):
        calls.clear()
        found = scene_of(scene, rain, seed)
        assert not found.left.is_dry
        apart += len(calls)
    assert 10 < apart < 30


def test_masks_fall_kind_by_kind_too(make_scenes, tmp_path, monkeypatch) -> None:
    [scene] = make_scenes(1, 48, 64)
    path = tmp_path / "mask.png"
    write_rgb(path, np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8))
    counts: list[int] = []
    drawn = module.separate_rain
    monkeypatch.setattr(
        module, "separate_rain", lambda *given: counts.append(len(given[3])) or drawn(*given)
    )
    for seed in range(12):
        scene_of(scene, RenderedRain(0.0, (path,), separate_share=1.0), seed)
    assert {1, 2, 3} == set(counts)


def test_a_share_of_all_pairs_has_thin_structures(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)

    def has_some(found: RainyScene) -> bool:
        return not np.array_equal(found.left.clean, scene.left)

    far = scene._replace(disparity=np.ones_like(scene.disparity))
    for clear_share in (0.0, 1.0):
        thin = RenderedRain(clear_share, thin_share=0.5)
        # Some are beside the view.
        assert 0.25 < share_of(thin, far, has_some) < 0.7
    for seed in range(6):
        found = scene_of(far, RenderedRain(1.0, thin_share=1.0), seed)
        assert found.left.is_dry
        assert found.disparity is not None
        assert (found.disparity > 1).any() == (found.left.clean != scene.left).any()


def test_a_share_of_all_pairs_has_a_view_that_is_no_help(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)
    spoilt = RenderedRain(0.5, spoilt_share=0.5)

    assert 0.3 < share_of(spoilt, scene, lambda found: found.disparity is None) < 0.7
    assert share_of(RenderedRain(0.5), scene, lambda found: found.disparity is None, 10) == 0


def test_a_view_that_is_no_help_leaves_the_other_one_alone(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)
    for seed in range(8):
        helped = scene_of(scene, RenderedRain(0.3), seed)
        spoilt = scene_of(scene, RenderedRain(0.3, spoilt_share=1.0), seed)
        for one, other in zip(helped.left, spoilt.left, strict=True):
            np.testing.assert_array_equal(one, other)


def test_each_draw_is_other_rain(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)
    first, again, other = (fall(scene, RenderedRain(0.0), seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_masks_rain_in_their_share(make_scenes, tmp_path, monkeypatch) -> None:
    [scene] = make_scenes(1, 48, 64)
    path = tmp_path / "mask.png"
    write_rgb(path, np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8))
    read: list[Path] = []
    monkeypatch.setattr(module, "read_rgb", lambda name: read.append(name) or read_rgb(name))

    def masked_share(mask_share: float, count: int) -> float:
        rain = RenderedRain(0.0, (path,), mask_share)
        masked = 0
        for seed in range(count):
            read.clear()
            assert not np.array_equal(fall(scene, rain, seed)[0], scene.left)
            assert len(read) <= 3
            masked += bool(read)
        return masked / count

    assert masked_share(1.0, 5) == 1
    assert masked_share(0.0, 5) == 0
    assert 0.3 < masked_share(0.5, 40) < 0.7


def test_a_damaged_mask_is_named(make_scenes, tmp_path) -> None:
    [scene] = make_scenes(1, 48, 64)
    (tmp_path / "mask.png").write_text("no picture")
    with pytest.raises(ImageError, match=r"Cannot read .*mask\.png"):
        fall(scene, RenderedRain(0.0, (tmp_path / "mask.png",), 1.0), 0)


def test_what_falls_is_described() -> None:
    assert RenderedRain().description == "rain rendered"
    masks = (Path("a.png"), Path("b.png"))
    assert RenderedRain(masks=masks).description == "rain rendered, 25% of it from 2 masks"
    assert RenderedRain(wet_share=0.1).description == "rain rendered, 10% of it on wet ground"
    apart = RenderedRain(separate_share=0.4).description
    assert apart == "rain rendered, 40% of it kind by kind"


def road() -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """A grey pair, and the disparity of level ground 1.65 m below the cameras."""
    disparity = np.repeat(np.maximum(np.arange(80) - 40, 1)[:, None] * 0.54 / 1.65, 100, axis=1)
    grey = np.full((80, 100, 3), 120, np.uint8)
    return (grey, grey), disparity.astype(np.float32)


def test_wet_ground_is_wet_in_the_clean_pair_as_well() -> None:
    dry, disparity = road()
    wet = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        rain = RenderedRain(clear_share=0.0, wet_share=0.5)
        found = rain.fall_on(dry, disparity, StereoGeometry(), generator)
        rainy, clean = ([view.rainy for view in found[:2]], [view.clean for view in found[:2]])
        for view in clean:
            np.testing.assert_array_equal(view[:30], dry[0][:30])
        soaked = bool((clean[0][-20:, 50] < 115).all() and (clean[1][-20:, 50] < 115).all())
        assert soaked or np.array_equal(clean, dry)
        assert not np.array_equal(rainy, clean)
        wet += soaked
    assert 4 < wet < 16
