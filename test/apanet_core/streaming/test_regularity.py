from __future__ import annotations

import pytest

from apanet_core.streaming.regularity import regularity


def test_steady_stamps_have_a_rate_and_nothing_else():
    found = regularity([0, 100_000_000, 200_000_000])

    assert found.rate == 10.0
    assert (found.longest, found.gaps, found.missing) == (100_000_000, 0, 0)
    assert (found.backwards, found.repeated) == (0, 0)


def test_a_gap_tells_how_many_frames_are_missing():
    found = regularity([0, 10, 20, 50, 60, 75])

    assert (found.gaps, found.missing, found.longest) == (1, 2, 30)


def test_stamps_that_go_back_or_stand_still_are_counted():
    found = regularity([100, 110, 110, 60, 70, 80, 40])

    assert (found.backwards, found.farthest_back, found.repeated) == (2, 50, 1)
    assert found.interval == 10


@pytest.mark.parametrize("stamps", [[], [5], [5, 5], [9, 3]])
def test_without_two_frames_in_order_there_is_no_rate(stamps):
    assert regularity(stamps).rate == 0
