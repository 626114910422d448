from __future__ import annotations

import pytest

from apanet_core.data.evenly_spread import evenly_spread


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, [0]), (2, [0, 5]), (3, [0, 3, 6]), (10, list(range(10))), (99, list(range(10)))],
)
def test_evenly_spread(count: int, expected: list[int]) -> None:
    assert evenly_spread(count, 10) == expected
