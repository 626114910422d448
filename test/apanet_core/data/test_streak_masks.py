from __future__ import annotations

import dataclasses

import numpy as np

from apanet_core.data.streak_masks import StreakLayer, add_masked_rain, draw_layer
from apanet_core.rain import StereoGeometry, Weather, sample_weather
from apanet_core.rain.composition import RainyView

SHAPE = (40, 60)
GEOMETRY = StereoGeometry()
DRY_AIR = dataclasses.replace(
    sample_weather("light", np.random.default_rng(0)),
    extinction_per_m=0.0,
    noise_levels=0.0,
    streak_light=(1.0, 0.75, 0.5),
)
BLACK = np.zeros((*SHAPE, 3), np.uint8)
FAR = np.full(SHAPE, 2.0, np.float32)


def streaky(seed: int = 0) -> np.ndarray:
    """A mask of 30 x 50 pixels with a bright column every seven."""
    mask = np.zeros((30, 50, 3), np.uint8)
    mask[:, seed % 7 :: 7] = 220
    return mask


def rain_on(
    picture: np.ndarray,
    disparity: np.ndarray = FAR,
    weather: Weather = DRY_AIR,
    seed: int = 0,
    masks: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """The rainy pair."""
    left, right = views_of(picture, disparity, weather, seed, masks)
    return left.rainy, right.rainy


def views_of(
    picture: np.ndarray,
    disparity: np.ndarray = FAR,
    weather: Weather = DRY_AIR,
    seed: int = 0,
    masks: int = 1,
) -> tuple[RainyView, RainyView]:
    chosen = [streaky(number) for number in range(masks)]
    generator = np.random.default_rng(seed)
    return add_masked_rain((picture, picture), disparity, GEOMETRY, weather, chosen, generator)


def test_each_view_sees_its_part_of_a_layer() -> None:
    layer = StreakLayer(np.array([[0.1, 0.2, 0.3, 0.4, 0.5]], np.float32), 2, 0.5, False)
    scene = np.array([[1, 2, 3]], np.float32)
    # What is nearer than the streaks, here the third pixel, hides them.
    np.testing.assert_allclose(layer.seen_by(0, scene), [[0.05, 0.1, 0.0]])
    np.testing.assert_allclose(layer.seen_by(1, scene), [[0.15, 0.2, 0.0]])


def test_a_layer_is_shifted_between_the_views_by_its_disparity() -> None:
    for seed in range(10):
        layer = draw_layer(streaky(), SHAPE, GEOMETRY, np.random.default_rng(seed))
        assert layer.strip.shape == (SHAPE[0], SHAPE[1] + layer.disparity)
        left, right = (layer.seen_by(view, FAR) for view in (0, 1))
        if layer.disparity < SHAPE[1]:
            np.testing.assert_array_equal(
                left[:, layer.disparity :], right[:, : SHAPE[1] - layer.disparity]
            )


def test_layers_differ_and_stay_in_range() -> None:
    layers = [draw_layer(streaky(), SHAPE, GEOMETRY, np.random.default_rng(i)) for i in range(40)]
    # 389.6 px at one metre, 3 to 25 m away.
    assert all(15 <= layer.disparity <= 129 for layer in layers)
    assert all(layer.strip.min() >= 0 and layer.strip.max() <= 1 for layer in layers)
    assert len({layer.strip.sum() for layer in layers}) == 40
    assert 10 < sum(layer.screened for layer in layers) < 30


def test_nearer_streaks_are_wider() -> None:
    dot = np.zeros((80, 80, 3), np.uint8)
    dot[30:50, 30:50] = 255
    layers = [
        draw_layer(np.tile(dot, (3, 3, 1)), (200, 300), GEOMETRY, np.random.default_rng(i))
        for i in range(60)
    ]
    layers.sort(key=lambda layer: layer.disparity)

    def edges(layer: StreakLayer) -> float:
        return float(np.abs(np.diff(layer.strip, axis=1)).sum() / layer.strip.sum())

    near, far = np.mean([edges(x) for x in layers[40:]]), np.mean([edges(x) for x in layers[:20]])
    assert near < 0.75 * far


def test_streaks_have_the_colour_of_the_weathers_light() -> None:
    for seed in range(6):
        left, _ = rain_on(BLACK, seed=seed)
        wet = left[left[..., 0] > 40].astype(float)
        assert len(wet) > 50
        np.testing.assert_allclose(wet / wet[:, :1], [DRY_AIR.streak_light] * len(wet), atol=0.03)


def test_more_layers_are_more_rain() -> None:
    one, three = (np.mean([rain_on(BLACK, seed=i, masks=n)[0] for i in range(5)]) for n in (1, 3))
    assert three > 1.5 * one


def test_rain_behind_the_scene_is_hidden() -> None:
    # Wider than its disparity, so that both views see it.
    wide = np.zeros((40, 300, 3), np.uint8)
    for view in rain_on(wide, np.full((40, 300), 130.0, np.float32), masks=3):
        assert view.max() == 0


def test_the_veil_dims_what_is_far() -> None:
    thick = dataclasses.replace(DRY_AIR, extinction_per_m=0.05, airlight=(1.0, 1.0, 1.0))
    disparity = np.full((40, 300), 200.0, np.float32)
    disparity[:20] = 10.0
    left, right = rain_on(np.zeros((40, 300, 3), np.uint8), disparity, thick, seed=3)
    # exp(-0.05 * 389.6 / 10) passes 14 %, exp(-0.05 * 389.6 / 200) 91 %: the rest is airlight.
    for view in (left, right):
        assert abs(int(np.median(view[:20])) - 0.858 * 255) < 3
        np.testing.assert_allclose(view[20:], 0.093 * 255, atol=1)


def test_haze_is_known_apart_from_streaks() -> None:
    thick = dataclasses.replace(DRY_AIR, extinction_per_m=0.05, airlight=(1.0, 1.0, 1.0))

    dry_air, hazy_air = (views_of(BLACK, weather=weather)[0] for weather in (DRY_AIR, thick))

    np.testing.assert_array_equal(dry_air.hazy, BLACK)
    # All of it is 80 m away, as far as the veil thickens: exp(-0.05 * 80) of black is left.
    np.testing.assert_allclose(hazy_air.hazy, 255 * (1 - np.exp(-4)), atol=0.51)
    assert hazy_air.on_lens.max() == 0


def test_a_layer_is_lit_from_place_to_place() -> None:
    layer = StreakLayer(np.full((2, 5), 0.5, np.float32), 2, 1.0, False)
    light = np.zeros((2, 3, 3), np.float32)
    light[1] = 0.8

    cover = layer.before(1, np.zeros((2, 3), np.float32), light)

    assert cover.screened is False
    lit = cover.before(np.zeros((2, 3, 3), np.float32))
    np.testing.assert_allclose(lit[:, :, 0], [[0, 0, 0], [0.4, 0.4, 0.4]])


def test_a_generator_makes_the_rain(make_scenes) -> None:
    first, again, other = (rain_on(BLACK, seed=seed, masks=2) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first[0].dtype == np.uint8


def test_noise_is_each_views_own() -> None:
    noisy = dataclasses.replace(DRY_AIR, noise_levels=3.0)
    grey = np.full((200, 300, 3), 128, np.uint8)
    # Nearer than all streaks, so that noise is all that is seen.
    left, right = (
        view.astype(float) - 128
        for view in rain_on(grey, np.full((200, 300), 130.0, np.float32), noisy)
    )
    assert abs(left.std() - 3) < 0.1
    assert abs(right.std() - 3) < 0.1
    assert abs((left * right).mean()) < 0.1
