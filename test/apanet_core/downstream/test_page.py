from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from apanet_core.downstream.compare import compare
from apanet_core.downstream.page import downstream_page
from apanet_core.downstream.pairs import RainyPair
from apanet_core.downstream.samples import Samples
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.stereo_frame import StereoFrame

ABOUT = [("pairs", "made & checked"), ("commit", "abc1234")]


def test_the_page_shows_figures_losses_plots_and_meanings(make_results) -> None:
    html = downstream_page(make_results(sequence=True), [], ABOUT).html()

    for text in (
        "bad-3px, % against clean",
        "better, 1 of 2",
        "repeatability, %: 50.0 in rain, 45.0 after tiny",
        "Along the sequence",
        "repeatability, %: Keypoints of the clean picture that are found again",
        "made &amp; checked",
    ):
        assert text in html
    assert html.count("data:image/svg+xml") == 3


def test_still_pairs_have_no_plots_over_time(make_results) -> None:
    html = downstream_page(make_results(), [], ABOUT).html()

    assert "Along the sequence" not in html
    assert html.count("data:image/svg+xml") == 1


@pytest.mark.parametrize("true", [True, False])
def test_pairs_are_shown_with_slider_disparities_errors_and_matches(motorcycle, true) -> None:
    left, right, disparity = (picture[150:300, 200:420] for picture in motorcycle)
    frame = StereoFrame(0, left, right, StereoGeometry(), disparity if true else None)
    dark = left // 2, right // 2
    samples = Samples(1, "tiny")
    results = compare([RainyPair("moto", frame, dark)], {"tiny": lambda *v: v}, show=samples)

    html = downstream_page(results, samples.kept(), ABOUT).html()

    assert ">Pair moto</h2>" in html
    assert html.count('type="range"') == 1
    # A slider of two, three disparities and the true one, three errors, three matches.
    assert html.count("data:image/png") == 2 + 3 + true + 3 + 3
    assert ("Against the true disparity" in html) == true


def test_a_pair_without_any_disparity_is_shown(motorcycle) -> None:
    flat = np.full((100, 120, 3), 90, np.uint8)
    frame = StereoFrame(0, flat, flat, StereoGeometry(), np.full((100, 120), np.nan, np.float32))
    samples = Samples(1, "tiny")
    results = compare(
        [RainyPair("flat", frame, (flat, flat))], {"tiny": lambda *v: v}, show=samples
    )

    assert "Pair flat" in downstream_page(results, samples.kept(), ABOUT).html()
