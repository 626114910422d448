from __future__ import annotations

import cv2
import numpy as np
import pytest

from apanet_core.data.drawn_masks import MASK_SHAPE, flakes, slanted_streaks, spray

MASKS = (slanted_streaks, flakes, spray)


def draw(mask, seed: int) -> np.ndarray:
    return mask(np.random.default_rng(seed))[..., 0]


def sizes(mask: np.ndarray) -> np.ndarray:
    """Width, height and area of every bright spot that lies whole in the mask, `[N,3]`."""
    bright = np.uint8(mask > 60)
    _, _, found, _ = cv2.connectedComponentsWithStats(bright)
    left, top, width, height, area = found[1:].T
    whole = (left > 0) & (top > 0) & (left + width < mask.shape[1]) & (top + height < mask.shape[0])
    return np.column_stack([width, height, area])[whole]


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_is_grey_and_comes_from_the_generator(mask) -> None:
    one, again, other = (mask(np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert one.shape == (*MASK_SHAPE, 3)
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one[..., 0], one[..., 1])
    np.testing.assert_array_equal(one[..., 0], one[..., 2])
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("mask", MASKS)
def test_masks_are_bright_on_black(mask) -> None:
    drawn = np.stack([draw(mask, seed) for seed in range(16)])

    # Some streaks are so dense that they leave no black, some spray is a breath.
    assert np.median(drawn.max(axis=(1, 2))) > 60
    assert np.median((drawn < 25).mean(axis=(1, 2))) > 0.5


def test_streaks_are_longer_than_wide_and_of_many_slants() -> None:
    thinness, slants = [], set()
    for seed in range(8):
        gradients = np.gradient(draw(slanted_streaks, seed).astype(np.float32))
        tensor = np.array([[(a * b).mean() for b in gradients] for a in gradients])
        small, large = np.linalg.eigvalsh(tensor)
        thinness.append(small / large)
        slants.add(round(float(np.sign(tensor[0, 1]))))
    # Light changes across a streak much more than along it.
    assert max(thinness) < 0.2
    assert slants == {-1, 1}


def test_flakes_are_of_three_to_thirty_pixels() -> None:
    medians = []
    for seed in range(20):
        found = sizes(draw(flakes, seed))
        if len(found) > 4:
            # Where two touch, the spot is larger.
            medians.append(float(np.median(found[:, 0])))
    assert len(medians) > 10
    assert 1 <= min(medians) < 8
    assert 15 < max(medians) <= 45


def test_spray_is_denser_below_and_without_edges() -> None:
    drawn = np.stack([draw(spray, seed) for seed in range(16)]).astype(int)

    assert drawn[:, -90:].mean() > 4 * drawn[:, :90].mean()
    assert np.abs(np.diff(drawn, axis=2)).max() < 15
