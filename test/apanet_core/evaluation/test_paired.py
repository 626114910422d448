from __future__ import annotations

import math
import re

import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.evaluation.paired import evaluate_pairs, evaluate_pictures, read_rainy_pairs
from apanet_core.imaging.files import write_rgb


def gray(level: int, size: tuple[int, int] = (12, 20)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)


def decibel(difference: int) -> float:
    return 20 * math.log10(255 / difference)


def halve_the_rain(left, right):
    """Takes 5 of the 10 levels that the rain below adds to the left view, 9 to the right one."""
    return left - 5, right - 9


def test_single_pictures_are_both_views_and_the_left_output_counts() -> None:
    pictures = [(gray(110), gray(100)), (gray(60), gray(50))]

    found = evaluate_pictures(halve_the_rain, iter(pictures))

    assert found.count == 2
    assert found.quality.input_psnr == pytest.approx(decibel(10))
    assert found.quality.output_psnr == pytest.approx(decibel(5))
    assert found.stereo is None


def test_pairs_are_the_mean_of_both_views() -> None:
    rainy, clean = (gray(110), gray(210)), (gray(100), gray(200))

    found = evaluate_pairs(halve_the_rain, iter([(rainy, clean)]))

    assert found.count == 1
    assert found.quality.input_psnr == pytest.approx(decibel(10))
    assert found.quality.output_psnr == pytest.approx((decibel(5) + decibel(1)) / 2)
    assert found.stereo is None


def test_a_perfect_output_counts_60_db() -> None:
    found = evaluate_pictures(lambda left, right: (left - 10, right), [(gray(110), gray(100))])

    assert (found.quality.output_psnr, found.quality.output_ssim) == (60, 1)


def test_the_fit_of_the_views_is_measured_when_asked_for(motorcycle) -> None:
    clean = tuple(view[200:260] for view in motorcycle[:2])
    rainy = (clean[0], 255 - clean[1])

    found = evaluate_pairs(lambda *_: clean, [(rainy, clean)], stereo=True)

    assert found.stereo.output_ratio == 1
    assert found.stereo.input_ratio > 2
    assert found.stereo.input_bad > 0.5
    assert found.stereo.bad_reduction == 1


def test_every_result_is_shown() -> None:
    shown = []

    def show(*result: object) -> None:
        shown.append(result)

    pictures = [(gray(110), gray(100)), (gray(60), gray(50))]
    evaluate_pictures(halve_the_rain, pictures, show)
    evaluate_pairs(halve_the_rain, [((gray(110), gray(210)), (gray(100), gray(200)))], show=show)

    levels = [
        (number, weather, [[int(view.max()) for view in column] for column in columns])
        for number, weather, columns in shown
    ]
    assert levels == [
        (0, "rain", [[110], [105], [100]]),
        (1, "rain", [[60], [55], [50]]),
        (0, "rain", [[110, 210], [105, 201], [100, 200]]),
    ]


def test_four_files_are_a_rainy_and_a_clean_pair(tmp_path) -> None:
    files = [tmp_path / f"{level}.png" for level in (1, 2, 3, 4)]
    for path in files:
        write_rgb(path, gray(int(path.stem)))

    ((rainy, clean),) = read_rainy_pairs([files])

    assert [int(view.max()) for view in (*rainy, *clean)] == [1, 2, 3, 4]


def test_files_of_two_sizes_are_named(tmp_path) -> None:
    files = [tmp_path / f"{level}.png" for level in (1, 2, 3, 4)]
    for path in files:
        write_rgb(path, gray(0, (12, 21 if path is files[2] else 20)))

    with pytest.raises(ImageError, match=rf"is 20x12, {re.escape(str(files[2]))} is 21x12"):
        list(read_rainy_pairs([files]))
