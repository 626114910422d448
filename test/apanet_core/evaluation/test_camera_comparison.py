from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.evaluation.camera_comparison import (
    CameraRecord,
    compare_cameras,
    summarise_cameras,
)
from apanet_core.evaluation.cameras import choose_cameras
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.trials import Trial


class Listed(list):
    unit = "pair"


def decibel(difference: float) -> float:
    return 20 * math.log10(255 / difference)


def flat(level: int) -> np.ndarray:
    return np.full((16, 24, 3), level, np.uint8)


def trial(name: str, weather: str, rain: int) -> Trial:
    """Rain that brightens both views, 100 and 120, by so many levels."""
    rainy = (flat(100 + rain), flat(120 + rain))
    return Trial(0, name, weather, rainy, (flat(100), flat(120)))


DARKER = Method("darker", lambda left, right: (left - 30, right - 30))


def test_figures_by_hand() -> None:
    trials = Listed([trial("road", "dry", 0), trial("road", "heavy", 40)])

    dry, heavy = compare_cameras([DARKER], trials, choose_cameras(["low-contrast"]), seed=1)

    # Half the contrast: 40 levels of rain are 20, of which 30 are taken.
    assert (heavy.method, heavy.camera, heavy.name) == ("darker", "low-contrast", "road")
    assert heavy.input_psnr == pytest.approx(decibel(20))
    assert heavy.output_psnr == pytest.approx(decibel(10))
    assert heavy.gain == pytest.approx(decibel(10) - decibel(20))
    assert heavy.brightness == -10
    assert (dry.input_psnr, dry.output_psnr) == (60, pytest.approx(decibel(30)))


def test_the_same_seed_is_the_same_noise_whatever_else_is_measured() -> None:
    trials = Listed([trial("road", "heavy", 40)])

    alone = compare_cameras([DARKER], trials, choose_cameras(["noise"]), seed=1)
    among, other = (compare_cameras([DARKER], trials, choose_cameras([]), seed) for seed in (1, 2))

    assert alone == [row for row in among if row.camera == "noise"]
    assert alone != [row for row in other if row.camera == "noise"]


def record(name: str, weather: str, output: float, brightness: float) -> CameraRecord:
    return CameraRecord("net", "grey", name, weather, 20, output, brightness)


def test_a_summary_by_hand() -> None:
    rows = [
        record("a", "dry", 45, -9),
        record("a", "light", 26, 1),
        record("b", "light", 24, 2),
        record("a", "heavy", 30, -6),
        record("b", "heavy", 19, -2),
        CameraRecord("other", "grey", "a", "heavy", 20, 1, 1),
    ]

    (found,) = summarise_cameras(rows, "net")

    assert (found.camera, found.input_psnr, found.output_psnr, found.gain) == (
        "grey",
        20,
        24.75,
        4.75,
    )
    assert found.brightness == -1.25
    assert (found.worst_severity, found.worst_brightness) == ("heavy", -4)
    assert found.dry_psnr == 45
    assert (found.worst.name, found.worst.weather, found.worst.gain) == ("b", "heavy", -1)


def test_without_dry_trials_what_comes_back_of_them_is_not_known() -> None:
    (found,) = summarise_cameras([record("a", "rain", 26, 1)], "net")

    assert math.isnan(found.dry_psnr)
