from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.evaluation.rain_removal import evaluate_rain_removal, evaluate_trials
from apanet_core.evaluation.trials import Trial
from apanet_core.metrics import psnr, ssim
from apanet_core.rain import SEVERITIES


@pytest.fixture(scope="module")
def scenes(make_scenes):
    return make_scenes(2, 64, 96)


def unchanged(left, right):
    return left, right


def test_doing_nothing_gains_nothing(scenes) -> None:
    found = evaluate_rain_removal(unchanged, scenes, seed=1)

    assert list(found.weathers) == list(SEVERITIES)
    for row in (*found.weathers.values(), found.mean):
        assert row.output_psnr == row.input_psnr
        assert row.output_ssim == row.input_ssim
    assert found.clear_psnr == 60


def test_the_mean_is_over_the_severities(scenes) -> None:
    found = evaluate_rain_removal(unchanged, scenes, seed=1)

    rows = found.weathers.values()
    assert found.mean.input_psnr == pytest.approx(np.mean([row.input_psnr for row in rows]))
    assert found.mean.input_ssim == pytest.approx(np.mean([row.input_ssim for row in rows]))
    assert 0 < found.mean.input_ssim < 1


def test_every_view_is_measured_against_its_own_clean_one(scenes) -> None:
    """A derainer that returns a darker clean picture, whatever rain it is given."""
    darker = iter([(scene.left // 2, scene.right // 2) for scene in scenes for _ in range(6)])

    found = evaluate_rain_removal(lambda *_: next(darker), scenes, seed=1)

    pairs = [(view // 2, view) for scene in scenes for view in scene[:2]]
    assert found.clear_psnr == pytest.approx(np.mean([psnr(*pair) for pair in pairs]))
    for row in found.weathers.values():
        assert row.output_psnr == pytest.approx(np.mean([psnr(*pair) for pair in pairs]))
        assert row.output_ssim == pytest.approx(np.mean([ssim(*pair) for pair in pairs]))


def test_a_perfect_derainer_counts_60_db_and_fits_like_the_clean_pair(scenes) -> None:
    """A model that knows the clean pair by its turn: one dry, then every severity."""
    turns = iter([scene[:2] for scene in scenes for _ in range(1 + len(SEVERITIES))])

    found = evaluate_rain_removal(lambda *_: next(turns), scenes, seed=1, stereo=True)

    assert found.mean.output_psnr == 60
    assert found.mean.output_ssim == pytest.approx(1)
    assert list(found.stereo) == list(SEVERITIES)
    for row in (*found.stereo.values(), found.stereo_mean):
        assert row.output_ratio == 1
        assert row.output_bad == 0
        assert row.bad_reduction == 1
    assert found.stereo["violent"].input_bad > 0.1
    bad = [row.input_bad for row in found.stereo.values()]
    assert found.stereo_mean.input_bad == pytest.approx(np.mean(bad))


def test_doing_nothing_makes_no_view_fit_better(scenes) -> None:
    found = evaluate_rain_removal(unchanged, scenes[:1], seed=1, stereo=True)

    for row in found.stereo.values():
        assert row.output_ratio == row.input_ratio
        assert row.bad_reduction == 0


def test_the_fit_of_the_views_is_measured_only_when_asked_for(scenes) -> None:
    found = evaluate_rain_removal(unchanged, scenes[:1], seed=1)

    assert found.stereo == {}
    assert found.stereo_mean is None


def test_every_result_is_shown_with_its_weather(scenes) -> None:
    shown = []

    def darker(left, right):
        return left // 2, right // 2

    evaluate_rain_removal(darker, scenes, 1, show=lambda *result: shown.append(result))

    assert [(number, weather) for number, weather, _ in shown] == [
        (number, weather) for number in (0, 1) for weather in SEVERITIES
    ]
    rainy, derained, clean = shown[-1][2]
    for view in (0, 1):
        assert np.array_equal(derained[view], rainy[view] // 2)
        assert clean[view] is scenes[1][view]


def test_given_rain_has_one_weather_and_no_dry_pair(scenes) -> None:
    class Given(list):
        unit = "pair"

    trial = Trial(0, "a", "rain", (scenes[0].left // 2, scenes[0].right), scenes[0][:2])

    found = evaluate_trials(lambda *_: scenes[0][:2], Given([trial]), stereo=True)

    assert list(found.weathers) == list(found.stereo) == ["rain"]
    assert found.weathers["rain"].output_psnr == found.mean.output_psnr == 60
    assert math.isnan(found.clear_psnr)
    assert math.isnan(found.mean.output_lpips)
