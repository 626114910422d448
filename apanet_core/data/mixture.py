"""Several sources as one endless row of samples."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from torch.utils.data import Dataset

from apanet_core.data.source import SampleType, Source
from apanet_core.errors import ConfigError


class Mixture(Dataset[SampleType]):
    """Samples of several sources, each drawn from one of them by weight.

    Sample `i` depends on the seed and on `first + i` alone. So any order, any number of worker
    processes and any resumption gives the same samples, and the next stage of a training goes on
    counting where the last one stopped.

    Args:
        sources: with their weights, which need not sum to 1.
        crop: `(height, width)` in pixels.
        first: number of the first sample, counted from the beginning of the training.
        count: number of samples.
        seed: of all randomness.

    Raises:
        ConfigError: there is no source, or the weights are negative or all zero.
        ImageError: a picture is smaller than the crop; the message names it.
    """

    def __init__(
        self,
        sources: Sequence[tuple[Source[SampleType], float]],
        crop: tuple[int, int],
        first: int,
        count: int,
        seed: int,
    ) -> None:
        self._sources: list[Source[SampleType]] = [source for source, _ in sources]
        self._shares = _shares([weight for _, weight in sources])
        self._crop = crop
        self._first = first
        self._count = count
        self._seed = seed
        for source in self._sources:
            source.check_crop(crop)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> SampleType:
        # Worker processes already use every core.
        cv2.setNumThreads(0)
        generator = np.random.default_rng((self._seed, self._first + index))
        source = self._sources[int(generator.choice(len(self._sources), p=self._shares))]
        return source.draw(generator, self._crop)


def _shares(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    if not total > 0 or min(weights) < 0:
        raise ConfigError(f"Sources need weights of 0 or more, one positive, got {list(weights)}.")
    return [weight / total for weight in weights]
