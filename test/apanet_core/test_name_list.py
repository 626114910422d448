from __future__ import annotations

from apanet_core.name_list import name_list


def test_ten_names_are_listed_and_of_more_it_says_how_many() -> None:
    names = [f"n{number}" for number in range(12)]

    assert name_list(names[:2]) == "n0, n1"
    assert name_list(names[:10]) == ", ".join(names[:10])
    assert name_list(names) == ", ".join(names[:10]) + " and 2 more"
    assert name_list([]) == ""
