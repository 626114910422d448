from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.rain import StereoGeometry


def fall(scene, rain: RenderedRain, seed: int):
    clean = (scene.left, scene.right)
    disparity = scene.disparity.astype(np.float32)
    return rain.fall_on(clean, disparity, StereoGeometry(), np.random.default_rng(seed))


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


def test_each_draw_is_other_rain(make_scenes) -> None:
    [scene] = make_scenes(1, 48, 64)
    first, again, other = (fall(scene, RenderedRain(0.0), seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
