from __future__ import annotations

import numpy as np
import pytest

from apanet_core.data import night as module
from apanet_core.data.night import DARKEST, LARGEST_DISPARITY_PX, MOST_LAMPS, Lamp, at_night

SHAPE = (60, 200)
TEXTURE = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), np.uint8)


def night(seed: int, picture: np.ndarray = TEXTURE):
    return at_night((picture, picture), np.random.default_rng(seed))


def test_night_is_dim_and_comes_from_the_generator() -> None:
    before = TEXTURE.copy()
    (left, right), light = night(1)
    again, other = night(1)[0], night(2)[0]

    for view, lit in zip((left, right), light, strict=True):
        assert (view.shape, view.dtype) == (TEXTURE.shape, np.uint8)
        assert (lit.shape, lit.dtype) == (SHAPE, np.float32)
    np.testing.assert_array_equal(left, again[0])
    assert not np.array_equal(left, other[0])
    np.testing.assert_array_equal(TEXTURE, before)


def test_what_no_lamp_lights_is_dim() -> None:
    dark = []
    for seed in range(30):
        (left, _), (light, _) = night(seed)
        assert DARKEST <= light.min() <= light.max() <= 1
        far = light < DARKEST + 0.01
        # At most 0.6 of the light by day, and 2 % more by the lamps.
        assert (left[far] <= 0.62 * TEXTURE[far] + 1).all()
        dark.append(far.mean())
    assert max(dark) > 0.2


def one_lamp(monkeypatch, **changes: float) -> None:
    lamp = Lamp(**({"column": 90.0, "row": 30.0, "reach": 20.0, "disparity": 12.0} | changes))
    monkeypatch.setattr(module, "MOST_LAMPS", 1)
    monkeypatch.setattr(module, "_draw_lamp", lambda *_: lamp)


def test_a_lamp_by_hand(monkeypatch) -> None:
    one_lamp(monkeypatch)
    black = np.zeros_like(TEXTURE)

    (left, right), (light, right_light) = night(0, black)

    assert light[30, 90] == pytest.approx(1)
    # 8 px away, 0.4 of the reach, it is 1 / 2^1.5; the picture shows the cube of that.
    assert light[30, 98] == pytest.approx(DARKEST + (1 - DARKEST) * 2**-1.5)
    assert left[30, 98, 0] == round(255 * 2**-4.5)
    assert left[30, 90, 0] == 255
    # The right view shows it farther left by its disparity.
    np.testing.assert_allclose(right_light[:, :150], light[:, 12:162], atol=1e-6)
    np.testing.assert_array_equal(right[:, :150], left[:, 12:162])


def test_lamps_are_white_to_warm_and_light_what_is_near(monkeypatch) -> None:
    one_lamp(monkeypatch)
    for seed in range(8):
        (left, _), _ = night(seed, np.full_like(TEXTURE, 100))
        red, green, blue = left[30, 90].astype(int)
        assert red >= green >= blue > 0
        assert left[30, 97].mean() > left[30, 105].mean() > left[30, 199].mean()


def test_lamps_are_within_their_ranges(monkeypatch) -> None:
    lamps: list[list[Lamp]] = []
    glow = module._glow_of_all
    monkeypatch.setattr(
        module,
        "_glow_of_all",
        lambda shape, found, view: lamps.append(found) or glow(shape, found, view),
    )
    for seed in range(60):
        night(seed)
    counts = {len(found) for found in lamps}
    assert counts == set(range(1, MOST_LAMPS + 1))
    for lamp in (lamp for found in lamps for lamp in found):
        assert 0 <= lamp.column <= 200
        assert 0 <= lamp.row <= 36
        assert 3 <= lamp.reach <= 18
        assert 1 <= lamp.disparity <= LARGEST_DISPARITY_PX
