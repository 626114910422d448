import pytest

pytest.importorskip("rosbags")

from apanet_ros.bags.gaps import Gap, find_gaps

SECOND = 1_000_000_000
EPOCH = 1_700_000_000 * SECOND


def test_a_gap_is_longer_than_a_minute_also_before_the_first_message() -> None:
    times = [EPOCH, EPOCH + 60 * SECOND, EPOCH + 121 * SECOND]
    gaps = [Gap(0, EPOCH), Gap(EPOCH + 60 * SECOND, EPOCH + 121 * SECOND)]
    assert list(find_gaps(0, times)) == gaps
    assert list(find_gaps(EPOCH, times)) == gaps[1:]


def test_a_gap_is_told_by_its_length_and_its_beginning() -> None:
    assert str(Gap(0, EPOCH)) == "54 years from 1970-01-01 00:00:00 UTC on"


def test_times_beyond_all_calendars_are_told_as_well() -> None:
    assert str(Gap(2**70, 2**70 + 90 * SECOND)) == f"90 s from {2**70} ns on"
