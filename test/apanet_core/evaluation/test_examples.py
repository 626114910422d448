from __future__ import annotations

import numpy as np
import pytest

from apanet_core.evaluation.comparison import Comparison, Record
from apanet_core.evaluation.examples import (
    at_most_wide,
    choose_examples,
    error_map,
    most_gained,
    most_left,
)


def found(weathers: list[str], gains: list[float]) -> Comparison:
    rows = [
        Record(method, trial, f"scene {trial}", weather, "left", 20 + gained, 0.5)
        for trial, (weather, gain) in enumerate(zip(weathers, gains, strict=True))
        for method, gained in (("input", 0), ("net", gain))
    ]
    return Comparison((), tuple(rows))


def test_of_one_weather_best_median_and_worst_are_shown() -> None:
    chosen = choose_examples(found(["rain"] * 5, [3, 1, 5, -2, 4]), "net")

    assert [(example.trial, example.gain) for example in chosen] == [(2, 5), (0, 3), (3, -2)]
    assert [example.reason for example in chosen] == [
        "the largest gain",
        "the median gain in rain",
        "the smallest gain of all",
    ]


def test_of_severities_each_median_is_shown_and_the_worst_of_all() -> None:
    weathers = ["dry", "light", "light", "light", "heavy", "heavy", "heavy"]

    chosen = choose_examples(found(weathers, [-9, 1, 2, 3, 9, 8, 7]), "net")

    assert [(example.weather, example.gain) for example in chosen] == [
        ("light", 2),
        ("heavy", 8),
        ("light", 1),
    ]


def test_one_trial_is_shown_once() -> None:
    (example,) = choose_examples(found(["rain"], [1.5]), "net")

    assert (example.trial, example.name, example.gain) == (0, "scene 0", 1.5)


def test_errors_are_drawn_from_black_to_pale_yellow() -> None:
    clean = np.full((2, 3, 3), 100, np.uint8)
    image = clean.copy()
    image[0, 0], image[0, 1] = 132, 255

    drawn = error_map(image, clean).astype(int)

    brightness = drawn.sum(axis=2)
    assert brightness[1, 0] < 20
    assert brightness[1, 0] < brightness[0, 0] < brightness[0, 1]
    assert (drawn[0, 1, :2] > 240).all()


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rain at the top left, of which all is gone, and at the bottom right, of which most stays."""
    clean = np.full((200, 300, 3), 50, np.uint8)
    rainy, derained = clean.copy(), clean.copy()
    rainy[10:30, 20:40] = 150
    rainy[150:180, 220:260] = 250
    derained[150:180, 220:260] = 240
    return rainy, derained, clean


def test_crops_are_where_most_is_gained_and_most_is_left(pictures) -> None:
    rainy, derained, clean = pictures

    gained, left = most_gained(*pictures), most_left(derained, clean)

    for rows, columns in (gained, left):
        assert (rows.stop - rows.start, columns.stop - columns.start) == (64, 96)
    assert (rainy[gained] == 150).sum() == 20 * 20 * 3
    assert (rainy[left] == 250).sum() == 30 * 40 * 3


def test_a_small_picture_is_its_own_crop() -> None:
    picture = np.zeros((20, 30, 3), np.uint8)

    assert picture[most_left(picture, picture)].shape == (20, 30, 3)


def test_a_glance_keeps_the_shape() -> None:
    picture = np.zeros((375, 1242, 3), np.uint8)

    assert at_most_wide(picture, 640).shape == (193, 640, 3)
    assert at_most_wide(picture[:, :640], 640).shape == (375, 640, 3)
