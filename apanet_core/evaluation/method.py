"""What is compared: a model or a simple baseline, as a row of a table."""

from __future__ import annotations

from dataclasses import dataclass

from apanet_core.evaluation.derain import Derain, derain_single
from apanet_core.imaging.types import Picture

INPUT = "input"
"""The name of the row that holds the rainy pictures as they are."""


@dataclass(frozen=True)
class Method:
    """Something that derains.

    Attributes:
        name: in tables.
        derain: takes and returns RGB `[H,W,3]` views, uint8 or uint16.
        description: one line that says what it is and what runs it.
        learned: whether it is a model, not a baseline.
        parameters: how many it has; `None` where that is not known.
        gmacs: billions of multiply-accumulate operations for a pair of 128 x 128 pixels, which is
            the paper's measure; `None` where that is not known.
    """

    name: str
    derain: Derain
    description: str = ""
    learned: bool = True
    parameters: int | None = None
    gmacs: float | None = None

    def apply(self, rainy: tuple[Picture, ...]) -> tuple[Picture, ...]:
        """Derain two views, or one picture, which is given as both."""
        if len(rainy) == 1:
            return (derain_single(self.derain, rainy[0]),)
        left, right = rainy
        return self.derain(left, right)


def unchanged() -> Method:
    """Return the rainy input as a method: what every other one is measured against."""
    return Method(INPUT, lambda left, right: (left, right), "the rainy pictures", learned=False)
