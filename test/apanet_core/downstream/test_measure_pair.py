from __future__ import annotations

import numpy as np
import pytest

from apanet_core.downstream.measure_pair import measure_pair, reference_of
from apanet_core.imaging.disparity import match_disparity


@pytest.fixture(scope="module")
def views(motorcycle):
    return tuple(view[150:300, 200:460] for view in motorcycle[:2])


def test_the_truth_is_taken_where_it_is_known(views, motorcycle) -> None:
    truth = motorcycle[2][150:300, 200:460].copy()
    truth[0] = np.inf
    matched = match_disparity(*views, 70.0)

    with_truth = reference_of(views, matched, truth, 70.0)
    without = reference_of(views, matched, None, 70.0)

    assert with_truth.is_truth
    assert np.isnan(with_truth.disparity[0]).all()
    np.testing.assert_array_equal(np.isfinite(with_truth.disparity), np.isfinite(truth))
    assert np.nanmax(np.abs(with_truth.disparity[1:] - truth[1:])) == 0
    assert not without.is_truth
    assert without.disparity is matched


def test_the_reference_is_perfect_by_its_own_measure(views) -> None:
    matched = match_disparity(*views, 70.0)

    figures = measure_pair(views, matched, reference_of(views, matched, None, 70.0))

    assert (figures.bad, figures.wrong, figures.end_point_px) == (0, 0, 0)
    assert (figures.repeatability, figures.texture) == (1, 1)
    assert figures.precision > 0.8
    assert figures.matches >= figures.correct > 20
    assert 0.5 < figures.density < 1


def test_a_pair_that_shows_nothing_has_nothing(views) -> None:
    matched = match_disparity(*views, 70.0)
    reference = reference_of(views, matched, None, 70.0)
    flat = np.full_like(views[0], 99)

    figures = measure_pair((flat, flat), np.full_like(matched, np.nan), reference)

    assert figures.bad == 1
    assert figures.density == figures.keypoints == figures.repeatability == figures.correct == 0
    assert figures.texture == 0
    assert np.isnan(figures.precision)
