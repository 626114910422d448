from __future__ import annotations

import numpy as np

from apanet_core.data.plausible_scene import (
    LARGEST_DISPARITY_PX,
    draw_plausible_scene,
    draw_seen_scene,
)

CROP = (40, 90)
# A ramp along x, so that values tell columns even between pixels.
RAMP = np.repeat(np.arange(200, dtype=np.uint8)[None, :, None], 60, axis=0).repeat(3, axis=2)


def scenes(count: int = 30, size=(60, 200), crop=CROP):
    return [draw_plausible_scene(size, crop, np.random.default_rng(i)) for i in range(count)]


def test_the_right_view_shows_the_picture_at_its_disparity() -> None:
    for scene in scenes():
        left, right = scene.views_of(RAMP)
        assert left.shape == right.shape == (*CROP, 3)
        np.testing.assert_array_equal(left, RAMP[scene.window])
        columns = np.arange(CROP[1]) + scene.window[1].start
        shown = columns + scene.right_disparity
        assert np.abs(right[..., 0] - shown).max() <= 1


def test_both_disparities_speak_of_the_same_surfaces() -> None:
    for scene in scenes():
        left, right = scene.views_of(RAMP)
        rows, columns = np.indices(CROP)
        landed = np.rint(columns - scene.left_disparity).astype(int)
        inside = landed >= 0
        there = scene.right_disparity[rows[inside], landed[inside]]
        own = scene.left_disparity[inside]
        # What a nearer object hides is seen by the left camera alone. Edges may round apart.
        assert np.mean(there < own - 0.01) < 0.02
        seen = np.abs(there - own) < 0.01
        apart = right[..., 0][rows[inside], landed[inside]][seen] - left[..., 0][inside][
            seen
        ].astype(float)
        assert seen.mean() > 0.3
        assert np.abs(apart).max() <= 1


def test_rows_come_nearer_downwards_where_nothing_stands() -> None:
    for scene in scenes():
        background = scene.left_disparity.min(axis=1)
        assert background.min() >= 1
        assert scene.left_disparity.max() <= LARGEST_DISPARITY_PX
    plain = [s for s in scenes() if (s.left_disparity == s.left_disparity[:, :1]).all()]
    assert plain
    assert all((np.diff(scene.left_disparity[:, 0]) >= 0).all() for scene in plain)


def test_things_stand_before_the_wall() -> None:
    widths = [np.ptp(scene.right_disparity, axis=1).max() for scene in scenes()]
    assert sum(width > 1 for width in widths) > 8


def test_every_draw_is_another_scene() -> None:
    assert len({float(scene.left_disparity.sum()) for scene in scenes()}) == 30


def test_a_picture_as_wide_as_the_crop_is_the_same_in_both_views() -> None:
    scene = draw_plausible_scene((60, 200), (60, 200), np.random.default_rng(0))
    assert scene.left_disparity.max() == 0
    for view in scene.views_of(RAMP):
        np.testing.assert_array_equal(view, RAMP)


def test_half_of_the_seen_scenes_are_flat() -> None:
    drawn = [draw_seen_scene((60, 200), CROP, np.random.default_rng(i)) for i in range(40)]
    flat = [scene for scene in drawn if scene.left_disparity.max() == 0]
    assert 10 < len(flat) < 30
    for scene in flat:
        left, right = scene.views_of(RAMP)
        np.testing.assert_array_equal(left, right)
        np.testing.assert_array_equal(left, RAMP[scene.window])


def test_the_principal_point_is_the_pictures() -> None:
    for scene in scenes(5):
        rows, columns = scene.window
        assert scene.geometry.center == (100 - columns.start, 30 - rows.start)
