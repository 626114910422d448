from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apanet_core.errors import ConfigError
from apanet_core.evaluation.cameras import CAMERAS, choose_cameras, through_cameras
from apanet_core.evaluation.trials import Trial

DOCS = Path(__file__).resolve().parents[3] / "docs" / "evaluation.md"
LEVELS = np.array([[[200, 100, 50]]], np.uint8)


def trial(weather: str, views: int = 2) -> Trial:
    """Rain that brightens a flat picture of one colour by 20 levels."""
    clean = np.tile(LEVELS, (32, 48, 1))
    return Trial(0, "road", weather, (clean + np.uint8(20),) * views, (clean,) * views)


def sent(kind: str, weather: str = "heavy", views: int = 2) -> Trial:
    return through_cameras(trial(weather, views), CAMERAS[kind], np.random.default_rng(0))


@pytest.mark.parametrize(
    ("kind", "clean"),
    [
        ("colour", (200, 100, 50)),
        ("grey", (124, 124, 124)),  # 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
        ("grey-black-level", (134, 134, 134)),  # 20 + 235 / 255 * 124.2 = 134.5
        ("black-level", (204, 112, 66)),  # 20 + 235 / 255 x
        ("low-contrast", (164, 114, 89)),  # 63.75 + x / 2
        ("warm", (230, 100, 38)),  # red 1.15, blue 0.75: 37.5
        ("cold", (160, 100, 60)),
        ("bright-gamma", (215, 132, 82)),
        ("dark-gamma", (173, 57, 19)),
        ("noise", (200, 100, 50)),
        ("jpeg-50", (200, 100, 50)),
        ("mosaic", (200, 100, 50)),
        ("defocus", (200, 100, 50)),
    ],
)
def test_the_clean_picture_is_shown_in_the_tone_alone(kind, clean) -> None:
    left, right = sent(kind).clean

    assert np.abs(left.reshape(-1, 3).astype(int) - clean).max() <= 1
    assert np.array_equal(left, right)


def test_the_rainy_picture_has_the_same_tone() -> None:
    seen = sent("low-contrast")

    assert np.abs(seen.rainy[0] - seen.clean[0].astype(int) - 10).max() <= 1


def test_noise_is_of_the_rainy_picture_alone_and_new_in_each_view() -> None:
    seen = sent("noise")

    assert seen.clean[0].std(axis=(0, 1)) == pytest.approx(0)
    assert 3 < (seen.rainy[0].astype(int) - seen.clean[0]).std() < 9
    assert not np.array_equal(*seen.rainy)


def test_views_may_have_cameras_of_two_kinds() -> None:
    left, right = sent("grey-left").clean
    assert np.ptp(left, axis=2).max() == 0
    assert np.array_equal(right[0, 0], LEVELS[0, 0])

    left, right = sent("exposure-differs").clean
    assert np.array_equal(left[0, 0], LEVELS[0, 0])
    assert np.abs(right[0, 0] - (170, 85, 42.5)).max() <= 0.5  # 0.85 of each


def test_a_single_picture_is_taken_by_the_left_camera() -> None:
    (picture,) = sent("grey-left", views=1).clean

    assert np.ptp(picture, axis=2).max() == 0


@pytest.mark.parametrize("kind", CAMERAS)
def test_of_a_dry_trial_what_was_recorded_should_come_back(kind) -> None:
    seen = sent(kind, weather="dry")

    assert seen.clean is seen.rainy
    assert seen.rainy[0].dtype == np.uint8


def test_all_kinds_or_those_named_are_chosen() -> None:
    assert choose_cameras([]) == CAMERAS
    assert list(choose_cameras(["cold", "grey"])) == ["grey", "cold"]


def test_an_unknown_kind_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(ConfigError) as refused:
        choose_cameras(["grey", "infrared"])

    assert str(refused.value) == f"No camera 'infrared': --cameras takes {', '.join(CAMERAS)}."


def test_the_documentation_explains_every_kind() -> None:
    rows = [line.split("|") for line in DOCS.read_text("utf-8").splitlines() if "|" in line]
    explained = [cells[1].strip() for cells in rows]

    assert [name for name in explained if name.strip("`") in CAMERAS] == [f"`{n}`" for n in CAMERAS]
