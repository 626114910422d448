from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("skimage")

from apanet_ros.demo.matching import MOST_PAIRS, compare_matching
from apanet_ros.demo.quality import images_of
from apanet_ros.demo.scene import motorcycle_drive

GENERATOR = np.random.default_rng(3)


def noisy(image: np.ndarray, spread: float) -> np.ndarray:
    noise = GENERATOR.normal(0, spread, image.shape)
    return np.rint(image + noise).clip(0, 255).astype(np.uint8)


def worsened(frames, spread: float):
    return images_of(
        replace(frame, left=noisy(frame.left, spread), right=noisy(frame.right, spread))
        for frame in frames
    )


def test_noise_makes_disparities_bad_and_the_clean_ones_are_mostly_true():
    frames = list(motorcycle_drive(2, 10.0))

    found = compare_matching(frames, worsened(frames, 40), worsened(frames, 8))

    assert found.pairs == 2
    assert found.clean.bad < 0.3
    assert found.clean.bad < found.derained.bad < found.rainy.bad
    assert found.clean.end_point_px < 3


def test_only_derained_pairs_are_matched_and_no_more_than_a_few():
    frames = list(motorcycle_drive(MOST_PAIRS + 3, 10.0))
    images = images_of(frames)
    dry = {key: image for key, image in images.items() if key[0] == frames[1].stamp_ns}

    assert compare_matching(frames, images, dry).pairs == 1
    assert compare_matching(frames, images, images).pairs == MOST_PAIRS
