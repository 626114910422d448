"""Which pairs the report shows: one from the middle, and the one that deraining helps least."""

from __future__ import annotations

import math

from apanet_core.downstream.compare import ComparedPair
from apanet_core.downstream.results import RAINY


class Samples:
    """Looks at every pair and keeps two, so that pictures take no more memory for a long folder.

    Args:
        count: how many pairs there will be.
        model: whose gain is looked at.
    """

    def __init__(self, count: int, model: str) -> None:
        self._middle_number = count // 2
        self._model = model
        self._seen = 0
        self._middle: ComparedPair | None = None
        self._least: ComparedPair | None = None

    def __call__(self, pair: ComparedPair) -> None:
        """Take the next pair."""
        if self._seen == self._middle_number:
            self._middle = pair
        if self._least is None or self._gain(pair) < self._gain(self._least):
            self._least = pair
        self._seen += 1

    def kept(self) -> list[tuple[str, ComparedPair]]:
        """Return why each pair is shown, and the pair; one where both are the same."""
        found = [
            (", from the middle of the pairs" if self._seen > 1 else "", self._middle),
            (", where deraining helps disparity least", self._least),
        ]
        kept = [(why, pair) for why, pair in found if pair is not None]
        return kept[:1] if self._middle is self._least else kept

    def _gain(self, pair: ComparedPair) -> float:
        gain = pair.figures[RAINY].bad - pair.figures[self._model].bad
        return math.inf if math.isnan(gain) else gain
