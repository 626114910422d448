"""Where samples come from."""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np

from apanet_core.data.sample import RealSample, Sample

SampleType = TypeVar("SampleType", bound=Sample | RealSample, covariant=True)


class Source(Protocol[SampleType]):
    """A set of pictures that samples are drawn from.

    A draw depends on its generator alone, never on the draws before it: so a training that is
    resumed sees what it would have seen.
    """

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""

    def __len__(self) -> int:
        """Return the number of scenes or pictures; of each, any number of samples is drawn."""

    def check_crop(self, crop: tuple[int, int]) -> None:
        """Make sure that every picture holds a crop `(height, width)`.

        Raises:
            ImageError: a picture is smaller; the message names it.
        """

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> SampleType:
        """Draw a sample.

        Args:
            generator: source of all randomness.
            crop: `(height, width)` in pixels.

        Raises:
            ImageError: a picture cannot be read, is smaller than the crop, or the views of a
                pair differ in size; the message names the file.
        """
