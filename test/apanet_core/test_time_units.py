import pytest

from apanet_core.time_units import NANOSECONDS, duration_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (75, "75 s"),
        (119, "119 s"),
        (180, "3 min"),
        (7200, "2 h"),
        (3 * 86_400, "3 days"),
        (1_700_000_000, "54 years"),
    ],
)
def test_a_duration_is_told_in_the_largest_unit_of_which_there_are_two(seconds, text) -> None:
    assert duration_text(seconds * NANOSECONDS) == text
