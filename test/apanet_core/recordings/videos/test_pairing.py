from __future__ import annotations

from fractions import Fraction

import pytest

from apanet_core.recordings.videos.pairing import FramePairs
from apanet_core.recordings.videos.reader import TimedFrame


def frames(times):
    return [TimedFrame(Fraction(time, 1000), Fraction(time + 1, 1000), None) for time in times]


def paired(left, right, limit):
    pairs = FramePairs(frames(left), frames(right), Fraction(limit, 1000))
    found = [(int(one.time * 1000), int(other.time * 1000)) for one, other in pairs]
    return found, pairs.unpaired


@pytest.mark.parametrize(
    ("left", "right", "limit", "pairs", "unpaired"),
    [
        ([0, 100, 200], [0, 100, 200], 50, [(0, 0), (100, 100), (200, 200)], 0),
        ([0, 100, 200], [0, 50, 100, 150, 200], 25, [(0, 0), (100, 100), (200, 200)], 2),
        ([0, 50, 100, 150], [0, 100], 25, [(0, 0), (100, 100)], 2),
        ([0, 100, 200], [60, 160, 260], 50, [(100, 60), (200, 160)], 2),
        ([0, 100, 200], [50, 150, 250], 50, [(0, 50), (100, 150), (200, 250)], 0),
        ([0, 100, 300], [0, 200, 300], 50, [(0, 0), (300, 300)], 2),
        ([0, 33, 67, 100], [0, 40, 80, 120], 16, [(0, 0), (33, 40), (67, 80)], 2),
        ([0, 10], [500, 510], 5, [], 4),
        ([], [0, 1], 5, [], 2),
    ],
)
def test_frames_pair_by_time_and_the_others_are_counted(left, right, limit, pairs, unpaired):
    assert paired(left, right, limit) == (pairs, unpaired)
    mirrored = [(other, one) for one, other in pairs]
    assert paired(right, left, limit) == (mirrored, unpaired)
