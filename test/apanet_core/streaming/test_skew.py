"""The histogram of stamp differences, worked by hand."""

from __future__ import annotations

from apanet_core.streaming.skew import SkewHistogram

MILLISECOND = 1_000_000


def test_each_pair_is_counted_in_the_first_bin_that_holds_it() -> None:
    histogram = SkewHistogram()
    for milliseconds in (0, 0, 0.1, -0.1, 0.2, 2.9, -3.1, 99, 101, -5000):
        histogram.add(round(milliseconds * MILLISECOND))
    assert histogram.snapshot().bins == {
        "to_0": 2,
        "to_0.1": 2,
        "to_0.3": 1,
        "to_1": 0,
        "to_3": 1,
        "to_10": 1,
        "to_30": 0,
        "to_100": 1,
        "over_100": 2,
    }


def test_a_nanosecond_is_not_in_step() -> None:
    histogram = SkewHistogram()
    histogram.add(1)
    assert histogram.snapshot().bins["to_0"] == 0
    assert histogram.snapshot().bins["to_0.1"] == 1


def test_the_median_is_signed_and_that_of_the_last_pairs() -> None:
    histogram = SkewHistogram()
    assert histogram.snapshot().median == 0
    for skew in (-7, -5, 100):
        histogram.add(skew)
    assert histogram.snapshot().median == -5
    for _ in range(500):
        histogram.add(8)
    assert histogram.snapshot().median == 8


def test_it_begins_anew() -> None:
    histogram = SkewHistogram()
    histogram.add(3)
    histogram.reset()
    assert sum(histogram.snapshot().bins.values()) == 0
    assert histogram.snapshot().median == 0
