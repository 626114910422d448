from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.downstream.compare import compare, compare_pair, search_range
from apanet_core.downstream.pairs import RainyPair
from apanet_core.downstream.results import Results, summarise
from apanet_core.rain import StereoGeometry, add_rain, sample_weather
from apanet_core.sequences.stereo_frame import StereoFrame


@pytest.fixture(scope="module")
def pair(motorcycle) -> RainyPair:
    """A part of the motorcycle in violent rain, its true disparity known."""
    left, right, disparity = (picture[150:350, 200:560] for picture in motorcycle)
    frame = StereoFrame(0, left, right, StereoGeometry(), disparity)
    generator = np.random.default_rng(4)
    weather = sample_weather("violent", generator)
    return RainyPair("moto", frame, add_rain(left, right, weather, generator, disparity))


@pytest.fixture(scope="module")
def results(pair) -> Results:
    """With a derainer that does nothing, and one that knows the answer."""
    clean = pair.clean.left, pair.clean.right
    return compare([pair], {"idle": lambda *views: views, "perfect": lambda *_: clean})


def figures(results: Results, condition: str):
    (found,) = results.of(condition)
    return found.figures


def test_conditions_stand_in_order(results) -> None:
    assert results.conditions == ("rainy", "idle", "perfect", "clean")
    assert results.models == ("idle", "perfect")
    assert [found.condition for found in results.pairs] == list(results.conditions)
    assert all(found.is_truth for found in results.pairs)


def test_doing_nothing_changes_nothing_and_a_perfect_derainer_is_as_good_as_clean(results) -> None:
    shown = {name: str(figures(results, name)) for name in results.conditions}

    assert shown["idle"] == shown["rainy"] != shown["clean"]
    assert shown["perfect"] == shown["clean"]


def test_rain_hurts_everything(results) -> None:
    rainy, clean = figures(results, "rainy"), figures(results, "clean")

    assert rainy.bad > 1.5 * clean.bad
    assert rainy.end_point_px > clean.end_point_px
    assert rainy.density < clean.density
    assert rainy.repeatability < clean.repeatability == 1
    assert rainy.correct < clean.correct
    assert rainy.view_difference > clean.view_difference
    assert clean.texture == 1
    assert math.isnan(clean.flicker)


def test_the_summary_counts_in_how_many_pairs_it_is_better(results) -> None:
    rows = {row.definition.key: row for row in summarise(results)}

    assert rows["bad"].title == "bad-3px, % against the truth"
    assert rows["bad"].better == {"idle": 0, "perfect": 1}
    assert rows["bad"].judged == 1
    assert not rows["bad"].worse("perfect")
    assert "flicker" not in rows
    assert "translation" not in rows


def test_without_a_truth_the_clean_disparity_is_the_reference(pair) -> None:
    unknown = StereoFrame(0, pair.clean.left, pair.clean.right, StereoGeometry())

    found = compare([RainyPair("moto", unknown, pair.rainy)], {})

    assert figures(found, "clean").bad == 0
    assert figures(found, "clean").end_point_px == 0
    assert figures(found, "rainy").bad > 0.1
    assert summarise(found)[0].title == "bad-3px, % against clean"


def test_pairs_with_and_without_truth_have_errors_of_their_own(pair) -> None:
    unknown = StereoFrame(0, pair.clean.left, pair.clean.right, StereoGeometry())

    found = compare([pair, RainyPair("second", unknown, pair.rainy)], {})

    rows = {row.title: row for row in summarise(found)}
    assert rows["bad-3px, % against the truth"].judged == 1
    assert rows["bad-3px, % against clean"].means["clean"] == 0
    assert rows["density, %"].judged == 2


def test_every_pair_is_shown_with_what_was_found(pair) -> None:
    shown = []

    compare([pair], {}, show=shown.append)

    (seen,) = shown
    assert seen.name == "moto"
    assert seen.views["rainy"] == pair.rainy
    assert set(seen.disparities) == {"rainy", "clean"}
    assert seen.disparities["clean"].shape == (200, 360)


def test_matching_reaches_as_far_as_the_truth(pair) -> None:
    truth = np.array([[3.0, np.inf, np.nan, 60.0]], np.float32)

    assert search_range(None, 320) == 40
    assert search_range(truth, 320) == 60
    assert search_range(truth, 800) == 100
    # The motorcycle's disparities go beyond 45, an eighth of this width.
    narrow = compare_pair(pair, {}, largest_px=20)
    wide = compare_pair(pair, {})
    assert wide.figures["clean"].bad < 0.6 * narrow.figures["clean"].bad
