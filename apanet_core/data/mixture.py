"""Several sources as one endless row of samples."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from torch.utils.data import Dataset

from apanet_core.data.source import SampleType, Source
from apanet_core.errors import ConfigError

CHOICE = 1
"""Sets the generators that choose sources apart."""


class Mixture(Dataset[SampleType]):
    """Batches of samples, each batch drawn from one of several sources by weight.

    Sources may give different sizes, of which no batch could be made. Sample `i` depends on the
    seed, on `first + i` and on the batch it lies in alone. So any order, any number of worker
    processes and any resumption gives the same samples, and the next stage of a training goes on
    counting where the last one stopped.

    Args:
        sources: with their weights, which need not sum to 1.
        crop: `(height, width)` in pixels.
        first: number of the first sample, counted from the beginning of the training.
        count: number of samples.
        seed: of all randomness.
        batch_size: samples `k * batch_size` up to the next multiple have the same source.

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
        batch_size: int = 1,
    ) -> None:
        self._sources: list[Source[SampleType]] = [source for source, _ in sources]
        self._shares = _shares([weight for _, weight in sources])
        self._crop = crop
        self._first = first
        self._count = count
        self._seed = seed
        self._batch_size = batch_size
        for source in self._sources:
            source.check_crop(crop)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> SampleType:
        # Worker processes already use every core.
        cv2.setNumThreads(0)
        generator = np.random.default_rng((self._seed, self._first + index))
        return self._source_of_batch(index).draw(generator, self._crop)

    def _source_of_batch(self, index: int) -> Source[SampleType]:
        begin = self._first + index - index % self._batch_size
        # Apart from the generators of samples, lest a draw from the source follow from its choice.
        chooser = np.random.default_rng((self._seed, begin, CHOICE))
        return self._sources[int(chooser.choice(len(self._sources), p=self._shares))]


def _shares(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    if not total > 0 or min(weights) < 0:
        raise ConfigError(f"Sources need weights of 0 or more, one positive, got {list(weights)}.")
    return [weight / total for weight in weights]
