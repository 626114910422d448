from __future__ import annotations

import pytest

pytest.importorskip("torch")

from apanet_core.losses.features.extractor import rising_weights


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, (1,)), (2, (1 / 4, 1)), (5, (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1))],
)
def test_weights_rise_with_depth_as_in_the_paper(count: int, expected: tuple[float, ...]) -> None:
    assert rising_weights(count) == expected
