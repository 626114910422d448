from __future__ import annotations

from fractions import Fraction

import pytest

from apanet_core.recordings.videos.ticks import common_tick


@pytest.mark.parametrize(
    ("milliseconds", "rate", "tick"),
    [
        ([0, 100, 200], 10, Fraction(1, 10)),
        ([0, 100, 900], 10, Fraction(1, 10)),
        ([7, 107, 207], 10, Fraction(1, 10)),
        ([0, 33, 67, 100, 133], 30, Fraction(1, 30)),
        ([0, 40, 80, 480, 6000], 25, Fraction(1, 25)),
        ([0, 40, 60, 480], 25, Fraction(1, 50)),
        ([0, 41, 60, 480], 25, Fraction(1, 1000)),
        ([5], 25, Fraction(1, 25)),
    ],
)
def test_the_largest_step_that_keeps_times(milliseconds, rate, tick):
    times = [Fraction(time, 1000) for time in milliseconds]

    assert common_tick(times, Fraction(rate)) == tick
