from __future__ import annotations

import numpy as np
import pytest

from apanet_core.data import thin_structures as module
from apanet_core.data.thin_structures import (
    MOST,
    RAILING_SHARE,
    ThinStructure,
    add_thin_structures,
    draw_structures,
)

SHAPE = (80, 200)
SCENE = np.full((*SHAPE, 3), 110, np.uint8)
FAR = np.full(SHAPE, 1, np.float32)
POST = ThinStructure(((100.0, 90.0), (100.0, 20.0)), 12.0, (250, 10, 20), 3.0)


def add(seed: int = 0, disparity: np.ndarray = FAR):
    return add_thin_structures((SCENE, SCENE), disparity, np.random.default_rng(seed))


@pytest.fixture
def one(monkeypatch):
    def only(*structures: ThinStructure) -> None:
        monkeypatch.setattr(module, "draw_structures", lambda *_: list(structures))

    return only


def test_a_post_stands_in_both_views_at_its_disparity(one) -> None:
    one(POST)
    (left, right), disparity = add()

    for view, column in ((left, 100), (right, 88)):
        np.testing.assert_array_equal(view[25:, column], [POST.color] * 55)
        changed = (view != SCENE).any(axis=(0, 2))
        assert np.abs(np.flatnonzero(changed) - column).max() <= 3
        np.testing.assert_array_equal(view[:16], SCENE[:16])
    np.testing.assert_array_equal(disparity[25:, 100], 12)
    assert set(np.unique(disparity)) == {1, 12}
    # Only what is mostly post, and no pixel beside it.
    assert ((disparity[40] == 12) == (np.abs(left[40] - 110.0)[:, 0] > 70)).all()


def test_a_post_stands_before_what_is_farther_only(one) -> None:
    one(POST)
    scene = FAR.copy()
    scene[:, 80:115] = 30
    scene[60:] = 5

    (left, right), disparity = add(disparity=scene)

    np.testing.assert_array_equal(left[:60], SCENE[:60])
    assert (left[62:, 100] == POST.color).all()
    assert (right[62:, 88] == POST.color).all()
    # The right view shows what is at 30 in columns 50 to 84, and the post at 88 beside it.
    assert (right[25:58, 88] == POST.color).all()
    assert (disparity[:60, 80:115] == 30).all()
    assert (disparity[62:, 100] == 12).all()


def test_of_two_the_nearer_one_is_in_front(one) -> None:
    near = ThinStructure(((100.0, 90.0), (100.0, -10.0)), 40.0, (0, 0, 0), 5.0)
    for order in ((POST, near), (near, POST)):
        one(*order)
        (left, _), disparity = add()
        np.testing.assert_array_equal(left[30:70, 100], np.zeros((40, 3)))
        assert (disparity[30:70, 100] == 40).all()


def test_nothing_is_drawn_before_a_wall_close_by() -> None:
    for seed in range(10):
        (left, right), disparity = add(seed, np.full(SHAPE, 100, np.float32))
        np.testing.assert_array_equal(left, SCENE)
        np.testing.assert_array_equal(right, SCENE)
        assert (disparity == 100).all()


def test_inputs_stay_and_a_generator_draws() -> None:
    (left, right), disparity = add(1)

    assert (SCENE == 110).all()
    assert (FAR == 1).all()
    assert (left.dtype, right.dtype, disparity.dtype) == (np.uint8, np.uint8, np.float32)
    assert left.shape == right.shape == SCENE.shape
    (again, _), _ = add(1)
    (other, _), _ = add(2)
    np.testing.assert_array_equal(left, again)
    assert not np.array_equal(left, other)


def test_both_views_show_them_nearly_always() -> None:
    shown = [[bool((view != SCENE).any()) for view in add(seed)[0]] for seed in range(40)]

    assert np.mean(shown) > 0.9


DRAWN = [draw_structures(*SHAPE, np.random.default_rng(seed)) for seed in range(400)]


def is_railing(structures: list[ThinStructure]) -> bool:
    return len(structures) > 1 and len({thing.disparity for thing in structures}) == 1


def is_wire(structure: ThinStructure) -> bool:
    return structure.ends[1][0] > SHAPE[1] and structure.ends[0][0] == 0.0


def test_structures_are_within_their_ranges() -> None:
    assert {len(structures) for structures in DRAWN} == set(range(1, MOST + 1))
    for thing in (thing for structures in DRAWN for thing in structures):
        assert 2 <= thing.disparity <= 60
        assert 1 <= thing.width <= 6
        assert all(0 <= channel <= 255 for channel in thing.color)


def test_a_railing_is_a_row_of_equal_bars() -> None:
    railings = [structures for structures in DRAWN if is_railing(structures)]

    # An eighth of the railings is a single bar.
    assert len(railings) / 400 == pytest.approx(RAILING_SHARE * 7 / 8, abs=0.07)
    for bars in railings:
        columns = np.array([bar.ends[0][0] for bar in bars])
        np.testing.assert_allclose(np.diff(columns), columns[1] - columns[0])
        assert 8 <= columns[1] - columns[0] <= 40
        assert len({(bar.color, bar.width, bar.ends[0][1], bar.ends[1][1]) for bar in bars}) == 1
        assert all(bar.ends[0][0] == bar.ends[1][0] for bar in bars)


def test_a_wire_spans_both_views() -> None:
    wires = [thing for structures in DRAWN for thing in structures if is_wire(thing)]

    assert len(wires) > 100
    for wire in wires:
        (start, _), (end, _) = wire.ends
        assert start - wire.disparity <= 0
        assert end - wire.disparity >= SHAPE[1] - 1e-6


def test_posts_stand_nearly_upright() -> None:
    posts = [
        thing
        for structures in DRAWN
        if not is_railing(structures)
        for thing in structures
        if not is_wire(thing)
    ]
    leans = [
        (head[0] - foot[0]) / (foot[1] - head[1]) for foot, head in (post.ends for post in posts)
    ]

    assert np.std(leans) == pytest.approx(0.03, rel=0.3)
