from __future__ import annotations

import numpy as np
import pytest

from apanet_core.data.other_view import MOST_ROWS_APART, OTHER_VIEWS, spoil_one
from apanet_core.data.rainy_scene import RainyScene, SceneView, dry

SHAPE = (120, 240)
TEXTURE = np.random.default_rng(0).integers(40, 160, (*SHAPE, 3), np.uint8)
DISPARITY = np.full(SHAPE, 4, np.float32)


def view(shift: int) -> SceneView:
    clean = np.roll(TEXTURE, shift, axis=1)
    on_lens = np.zeros(SHAPE, np.float32)
    on_lens[10:20, 30:50] = 0.5
    return SceneView(clean + np.uint8(60), clean, clean + np.uint8(30), on_lens)


def scene() -> RainyScene:
    return RainyScene(view(0), view(-4), DISPARITY)


def spoilt(kind: str | None, seed: int = 0, pair: RainyScene | None = None) -> RainyScene:
    return spoil_one(pair or scene(), np.random.default_rng(seed), kind)


@pytest.mark.parametrize("kind", OTHER_VIEWS)
def test_the_kept_view_is_left_alone_and_nothing_fits(kind: str) -> None:
    before, pair = scene(), scene()

    found = spoilt(kind, pair=pair)

    assert found.left is pair.left
    assert found.disparity is None
    for view_before, view_after in zip(before[:2], pair[:2], strict=True):
        for one, other in zip(view_before, view_after, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", OTHER_VIEWS)
def test_a_spoilt_view_has_the_form_of_a_view(kind: str) -> None:
    right = spoilt(kind).right

    for picture in (right.rainy, right.clean, right.hazy):
        assert picture is not None
        assert picture.shape == TEXTURE.shape
        assert picture.dtype == np.uint8
    assert right.on_lens.shape == SHAPE
    assert right.on_lens.dtype == np.float32


@pytest.mark.parametrize("kind", OTHER_VIEWS)
def test_a_generator_spoils_a_view(kind: str) -> None:
    np.testing.assert_array_equal(spoilt(kind, 3).right.rainy, spoilt(kind, 3).right.rainy)


@pytest.mark.parametrize(("kind", "level"), [("black", 0), ("grey", 128), ("white", 255)])
def test_a_dead_view_is_flat_and_its_own_target(kind: str, level: int) -> None:
    right = spoilt(kind).right

    assert right.is_dry
    np.testing.assert_array_equal(right.rainy, np.full_like(TEXTURE, level))


def test_noise_is_its_own_target() -> None:
    right = spoilt("noise").right

    assert right.is_dry
    assert right.rainy.std() == pytest.approx(256 / 12**0.5, rel=0.02)


def test_a_copy_shows_the_kept_view() -> None:
    found = spoilt("copy")

    assert found.right is found.left


def test_a_dry_view_has_no_rain() -> None:
    right = spoilt("dry").right

    assert right.is_dry
    np.testing.assert_array_equal(right.rainy, view(-4).clean)


def test_on_a_drier_view_nothing_falls_but_haze_is_left() -> None:
    true, right = view(-4), spoilt("drier").right

    np.testing.assert_array_equal(right.rainy, true.hazy)
    np.testing.assert_array_equal(right.clean, true.clean)
    assert right.on_lens.max() == 0
    unknown = RainyScene(view(0), true._replace(hazy=None), None)
    assert spoilt("drier", pair=unknown).right is unknown.right


def test_on_a_wetter_view_more_falls_and_the_haze_is_the_same() -> None:
    true = view(-4)
    more = [spoilt("wetter", seed).right for seed in range(6)]

    for right in more:
        assert (right.rainy >= true.rainy.astype(int) - 1).mean() > 0.7
        assert not np.array_equal(right.rainy, true.rainy)
        np.testing.assert_array_equal(right.hazy, true.hazy)
        np.testing.assert_array_equal(right.on_lens, true.on_lens)
    assert len({int(right.rainy.sum()) for right in more}) == 6


def test_a_fogged_view_has_less_contrast_everywhere_alike() -> None:
    true = view(-4)
    for seed in range(6):
        right = spoilt("fogged", seed).right
        # v + o (g - v) of every level: a line.
        for before, after in ((true.rainy, right.rainy), (true.hazy, right.hazy)):
            assert before is not None
            assert after is not None
            gain, offset = np.polyfit(before.ravel(), after.ravel().astype(float), 1)
            assert 0.15 <= gain <= 0.7
            assert 0.55 * 255 - 1 <= offset / (1 - gain) <= 0.95 * 255 + 1
            line = gain * before + offset
            np.testing.assert_allclose(after, line, atol=0.7)
        np.testing.assert_array_equal(right.clean, true.clean)


def test_an_unrelated_view_shows_another_place_in_all_its_pictures() -> None:
    true, right = view(-4), spoilt("unrelated").right

    # What the pictures have of each other stays.
    np.testing.assert_array_equal(right.rainy, right.clean + np.uint8(60))
    np.testing.assert_array_equal(right.hazy, right.clean + np.uint8(30))
    assert right.on_lens.sum() == pytest.approx(true.on_lens.sum())
    assert not np.array_equal(right.on_lens, true.on_lens)
    alike = np.corrcoef(right.clean.ravel(), true.clean.ravel())[0, 1]
    assert abs(alike) < 0.1
    assert right.clean.mean() == pytest.approx(true.clean.mean())


def test_rows_lie_apart_by_a_few() -> None:
    true, shifts = view(-4), set()
    for seed in range(40):
        right = spoilt("rows_apart", seed).right
        for rows in range(-MOST_ROWS_APART, MOST_ROWS_APART + 1):
            source = (np.arange(SHAPE[0]) - rows).clip(0, SHAPE[0] - 1)
            if np.array_equal(right.clean, true.clean[source]):
                shifts.add(rows)
                np.testing.assert_array_equal(right.rainy, true.rainy[source])
                np.testing.assert_array_equal(right.on_lens, true.on_lens[source])
                break
        else:
            pytest.fail("The rows are no other rows.")
    assert shifts == set(range(-6, 7)) - {0}


@pytest.mark.parametrize("kind", ["copy", "unrelated", "drier", "rows_apart", "dry"])
def test_a_dry_pair_stays_dry(kind: str) -> None:
    pair = RainyScene(dry(TEXTURE), dry(np.roll(TEXTURE, -4, axis=1)), DISPARITY)

    assert spoilt(kind, pair=pair).right.is_dry


@pytest.mark.parametrize("kind", ["wetter", "fogged"])
def test_a_dry_pair_can_get_wet(kind: str) -> None:
    pair = RainyScene(dry(TEXTURE), dry(TEXTURE), DISPARITY)

    right = spoilt(kind, pair=pair).right

    assert not right.is_dry
    np.testing.assert_array_equal(right.clean, TEXTURE)


def test_any_kind_is_drawn() -> None:
    kinds = {
        (found.is_dry, int(found.rainy.sum()))
        for found in (spoilt(None, seed).right for seed in range(60))
    }
    black, white = (True, 0), (True, 255 * TEXTURE.size)

    assert {black, white} <= kinds
    assert len(kinds) > 20


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="upside_down"):
        spoilt("upside_down")
