from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.comparison import Comparison, Fit, Record, compare
from apanet_core.evaluation.method import Method, unchanged
from apanet_core.evaluation.trials import Trial


def gray(level: int, size: tuple[int, int] = (12, 20)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)


def decibel(difference: int) -> float:
    return 20 * math.log10(255 / difference)


def halve_the_rain(left, right):
    """Takes 5 of the 10 levels that the rain below adds to the left view, 9 to the right one."""
    return left - 5, right - 9


HALF = Method("half", halve_the_rain)


class Listed(list):
    unit = "pair"


def trial(rainy, clean, weather: str = "rain", number: int = 0) -> Trial:
    return Trial(number, f"scene {number}", weather, rainy, clean)


PAIR = trial((gray(110), gray(210)), (gray(100), gray(200)))


def test_every_view_of_every_method_is_measured_against_its_own_clean_one() -> None:
    found = compare([HALF], Listed([PAIR]))

    assert [(row.method, row.view, row.name, row.weather) for row in found.records] == [
        (method, view, "scene 0", "rain")
        for method in ("input", "half")
        for view in ("left", "right")
    ]
    levels = [10, 10, 5, 1]
    assert [row.psnr for row in found.records] == pytest.approx(list(map(decibel, levels)))
    assert all(math.isnan(row.lpips) for row in found.records)
    assert found.fits == ()


def test_a_single_picture_is_one_view() -> None:
    found = compare([HALF], Listed([trial((gray(110),), (gray(100),))]))

    assert found.views == ["picture"]
    assert found.mean("half", "psnr") == pytest.approx(decibel(5))


def test_a_perfect_output_counts_60_db() -> None:
    perfect = Method("perfect", lambda left, right: (left - 10, right - 10))

    found = compare([perfect], Listed([PAIR]))

    assert (found.mean("perfect", "psnr"), found.mean("perfect", "ssim")) == (60, 1)


def test_the_perceptual_distance_is_asked_for_every_view() -> None:
    def distance(image, reference) -> float:
        return float(image.max()) - float(reference.max())

    found = compare([HALF], Listed([PAIR]), perceptual=distance)

    assert [row.lpips for row in found.records] == [10, 10, 5, 1]


def test_what_came_out_worse_is_kept_with_its_reason() -> None:
    darker = Method("darker", lambda left, right: (left - 40, right - 5))
    dry = trial((gray(100), gray(200)), (gray(100), gray(200)), "dry", number=1)

    (worse,) = compare([darker, HALF], Listed([PAIR, dry])).worse

    # The left view went in 10 levels too bright and came out 30 too dark; the right one 10 and 5.
    assert (worse.method, worse.trial, worse.name, worse.view) == ("darker", 0, "scene 0", "left")
    assert worse.gain == pytest.approx(decibel(30) - decibel(10))
    assert worse.reason == "tone"


def test_luma_is_measured_beside_rgb() -> None:
    found = compare([HALF], Listed([PAIR]))

    # 16 + 219 / 255 of 110, 100 and 105 are 110.47, 101.88 and 106.18: rounded, 8 and 4 levels.
    left = [row.psnr_y for row in found.records if row.view == "left"]
    assert left == pytest.approx([decibel(8), decibel(4)])
    assert all(row.ssim < row.ssim_y < 1 for row in found.records if row.view == "left")
    assert found.measured == ["psnr", "ssim", "psnr_y", "ssim_y"]


def test_means_leave_dry_pairs_out() -> None:
    dry = trial((gray(100), gray(200)), (gray(100), gray(200)), "dry")

    found = compare([HALF], Listed([dry, PAIR]))

    assert found.weathers == ["rain"]
    assert found.mean("input", "psnr") == pytest.approx(decibel(10))
    assert found.mean("input", "psnr", "dry") == 60
    assert found.mean("half", "psnr", view="right") == pytest.approx(decibel(1))
    assert found.mean("half", "psnr", "rain") == pytest.approx((decibel(5) + decibel(1)) / 2)


def test_the_mean_of_nothing_known_is_not_known() -> None:
    found = Comparison((unchanged(),), (Record("input", 0, "a", "rain", "left", 20, 0.5),))

    assert math.isnan(found.mean("input", "lpips"))
    assert math.isnan(found.mean("other", "psnr"))


def test_results_are_shown_but_dry_ones() -> None:
    shown = []
    dry = trial((gray(100), gray(200)), (gray(100), gray(200)), "dry")
    compare([HALF], Listed([dry, PAIR]), show=lambda *result: shown.append(result))

    ((number, weather, columns),) = shown
    assert (number, weather) == (0, "rain")
    assert [[int(view.max()) for view in column] for column in columns] == [
        [110, 210],
        [105, 201],
        [100, 200],
    ]


def test_the_fit_of_the_views_is_measured_when_asked_for(motorcycle) -> None:
    left, right = (view[200:260] for view in motorcycle[:2])
    perfect = Method("perfect", lambda *_: (left, right))
    trials = Listed([trial((left, 255 - right), (left, right))])

    before, after = compare([perfect], trials, stereo=True).fits

    assert (before.method, after.method) == ("input", "perfect")
    assert after == Fit("perfect", "rain", after.clean_difference, after.clean_difference, 0)
    assert before.clean_difference == after.clean_difference
    assert before.difference > 2 * before.clean_difference
    assert before.bad > 0.5


def test_blur_brings_views_together_and_takes_disparities_away(motorcycle) -> None:
    """Both figures are needed: a blur makes views differ less, but matching finds less."""
    import cv2

    clean = tuple(view[200:280] for view in motorcycle[:2])
    blur = Method("blur", lambda *views: tuple(cv2.GaussianBlur(view, (0, 0), 6) for view in views))

    before, after = compare([blur], Listed([trial(clean, clean)]), stereo=True).fits

    assert (before.difference, before.bad) == (before.clean_difference, 0)
    assert after.difference < after.clean_difference
    assert after.bad > 0.1


def test_what_cannot_be_measured_is_named() -> None:
    tiny = trial((gray(1, (8, 8)),), (gray(2, (8, 8)),))

    with pytest.raises(ImageError, match="Cannot measure scene 0: SSIM needs sides of at least 11"):
        compare([], Listed([tiny]))


def test_sixteen_bits_are_derained_as_they_are_and_measured_in_eight() -> None:
    seen = []

    def watch(left, right):
        seen.append(left.dtype)
        return left - np.uint16(5 * 257), right

    deep = [
        tuple(view.astype(np.uint16) * 257 for view in pair) for pair in (PAIR.rainy, PAIR.clean)
    ]
    shown = []
    found = compare(
        [Method("watch", watch)], Listed([trial(*deep)]), show=lambda *all: shown.append(all)
    )

    assert seen == [np.uint16]
    left = [row.psnr for row in found.records if row.view == "left"]
    assert left == pytest.approx([decibel(10), decibel(5)])
    assert {view.dtype.name for column in shown[0][2] for view in column} == {"uint8"}
