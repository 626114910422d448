"""A source whose pictures are too small for a training's largest crops."""

from __future__ import annotations

import numpy as np

from apanet_core.data.crop import Size
from apanet_core.data.source import SampleType, Source


class LimitedCrops(Source[SampleType]):
    """A `Source` that draws no larger crops than a limit, whatever size is asked for.

    Samples of several sources then differ in size; `Mixture` makes each batch of one.

    Args:
        source: to draw from.
        largest: `(height, width)` in pixels; each side is limited by itself.
    """

    def __init__(self, source: Source[SampleType], largest: Size) -> None:
        self._source = source
        self._largest = largest

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        height, width = self._largest
        return f"{self._source.description}, crops up to {width}x{height}"

    def __len__(self) -> int:
        """Return the number of scenes or pictures."""
        return len(self._source)

    def check_crop(self, crop: Size) -> None:
        """Make sure that every picture holds the limited crop; see `Source.check_crop`."""
        self._source.check_crop(self._limited(crop))

    def draw(self, generator: np.random.Generator, crop: Size) -> SampleType:
        """Draw a sample of the limited crop; see `Source.draw`."""
        return self._source.draw(generator, self._limited(crop))

    def _limited(self, crop: Size) -> Size:
        return min(crop[0], self._largest[0]), min(crop[1], self._largest[1])
