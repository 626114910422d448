from __future__ import annotations

import cv2
import numpy as np

from apanet_core.imaging.disparity import (
    SKY_DISPARITY,
    estimate_disparity,
    fill_disparity,
    match_disparity,
    right_disparity,
    seen_by_both,
)

NAN = float("nan")


def floats(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_most_of_the_motorcycle_is_estimated_right(motorcycle) -> None:
    left, right, truth = motorcycle

    found = estimate_disparity(left, right)

    known = np.isfinite(truth)
    error = np.abs(found - truth)[known]
    assert found.shape == truth.shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert (error < 2).mean() > 0.8
    assert np.median(error) < 0.6


def test_the_left_border_is_estimated_too() -> None:
    texture = np.random.default_rng(3).integers(0, 256, (60, 250), np.uint8)
    texture = cv2.GaussianBlur(texture, (0, 0), 1)
    scene = np.repeat(texture[..., None], 3, axis=2)

    # Seen with a disparity of 12: left column x shows what right column x - 12 shows.
    found = estimate_disparity(scene[:, :-12], scene[:, 12:])

    assert (np.abs(found[:, 16:] - 12) < 1).mean() > 0.95


def test_the_sky_is_far_behind_what_stands_before_it() -> None:
    texture = np.random.default_rng(3).integers(0, 120, (120, 300, 3), np.uint8)
    left = cv2.GaussianBlur(texture, (0, 0), 1)
    right = np.roll(left, -16, axis=1)
    # Behind a fence of disparity 16 lies a sky that looks the same wherever it is matched.
    for view, shift in ((left, 0), (right, -16)):
        view[:60] = (255, 255, 255)
        for post in range(80, 280, 40):
            view[:60, post + shift : post + shift + 12] = texture[:60, post : post + 12]

    found = estimate_disparity(left, right)

    assert (found[:58, 96:116] == SKY_DISPARITY).all()
    assert (np.abs(found[70:, 40:] - 16) < 1).mean() > 0.95


def test_matching_leaves_holes_where_the_right_view_sees_nothing() -> None:
    generator = np.random.default_rng(3)
    wall, box = (
        cv2.GaussianBlur(generator.integers(0, 256, (80, 300, 3), np.uint8), (0, 0), 1)
        for _ in range(2)
    )
    # A box of disparity 30 at columns 150 to 209 before a wall of disparity 6.
    left, right = wall[:, :-6].copy(), wall[:, 6:].copy()
    left[10:70, 150:210] = right[10:70, 120:180] = box[10:70, 150:210]

    found = match_disparity(left, right)

    assert found.dtype == np.float32
    np.testing.assert_allclose(found[20:60, 160:200], 30, atol=0.5)
    np.testing.assert_allclose(found[20:60, 40:110], 6, atol=0.5)
    # The box hides from the right view the wall at its left, 30 - 6 columns wide.
    assert np.isnan(found[20:60, 130:146]).mean() > 0.8
    assert np.isfinite(estimate_disparity(left, right)).all()


def test_matching_reaches_as_far_as_it_is_told_to() -> None:
    texture = np.random.default_rng(3).integers(0, 256, (60, 330, 3), np.uint8)
    scene = cv2.GaussianBlur(texture, (0, 0), 1)
    left, right = scene[:, :-60], scene[:, 60:]

    # An eighth of the width would be 34 pixels.
    assert np.nanmedian(match_disparity(left, right, 60.0)[:, 70:]) == 60
    assert not (match_disparity(left, right)[:, 70:] > 50).any()


def test_a_hole_is_filled_from_its_farther_neighbour_in_the_row() -> None:
    nan, inf = np.nan, np.inf
    found = fill_disparity(
        floats(
            [3, nan, inf, 8],
            [8, 0, -1, 3],
            [nan, nan, 5, 6],
            [7, 4, nan, 0],
            [nan, 0, inf, -2],
        )
    )

    assert found.tolist() == [
        [3, 3, 3, 8],
        [8, 3, 3, 3],
        [5, 5, 5, 6],
        [7, 4, 4, 4],
        [0, 0, 0, 0],
    ]
    assert found.dtype == np.float32


def test_filling_leaves_its_input_alone() -> None:
    disparity = floats([1, np.nan, 3])

    fill_disparity(disparity)

    np.testing.assert_array_equal(disparity, floats([1, np.nan, 3]))


def test_the_right_view_of_a_step() -> None:
    # A near box, disparity 3, stands at left columns 5 to 7 before a wall of disparity 1.
    left = floats([1, 1, 1, 1, 1, 3, 3, 3, 1, 1])

    found = right_disparity(left)

    # It moves to the right columns 2 to 4, hides the wall there, and what it hid from the left
    # view (columns 5 and 6) counts as wall, as does the last column, which no left pixel shows.
    assert found.tolist() == [[1, 1, 3, 3, 3, 1, 1, 1, 1, 1]]


def test_the_right_view_of_the_motorcycle_agrees_with_the_left(motorcycle) -> None:
    truth = fill_disparity(motorcycle[2])

    right = right_disparity(truth)

    columns = np.arange(truth.shape[1])[None] - np.rint(truth).astype(int)
    inside = columns >= 0
    rows = np.nonzero(inside)[0]
    # Where a left pixel is seen in the right view it is the nearest surface, or one hides it.
    difference = right[rows, columns[inside]] - truth[inside]
    assert difference.min() >= 0
    assert (difference < 1).mean() > 0.85


def test_what_only_one_view_sees_is_left_out() -> None:
    # A near box, disparity 3, at columns 5 to 7 goes to the right columns 2 to 4 and hides there
    # the wall, disparity 1, of the left columns 3 and 4 (5 being hidden by the box itself).
    # Column 0 of the wall lies outside the right view; column 8 is unknown.
    disparity = floats([1, 1, 1, 1, 1, 3, 3, 3, NAN, 1])

    found = seen_by_both(disparity)

    assert found.astype(int).tolist() == [[0, 1, 1, 0, 0, 1, 1, 1, 0, 1]]


def test_a_slope_hides_nothing() -> None:
    # Neighbours that fall on one right column differ by a pixel at most.
    assert seen_by_both(floats([0, 1, 1, 2, 2, 3])).all()
