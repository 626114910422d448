from __future__ import annotations

import re

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.utils.data import DataLoader

from apanet_core.data.clean_stereo import CleanStereo
from apanet_core.data.mixture import Mixture
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.sample import Sample
from apanet_core.errors import ConfigError, ImageError

CROP = (48, 64)


class Level:
    """A source of flat pictures of one level, and a trace of the generator in the last one."""

    description = "a level"

    def __init__(self, level: float) -> None:
        self.level = level

    def __len__(self) -> int:
        return 1

    def check_crop(self, crop: tuple[int, int]) -> None:
        if max(crop) > 99:
            raise ImageError(f"a level of 99x99 is smaller than the crop of {crop[1]}x{crop[0]}")

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        view = torch.full((3, *crop), self.level)
        trace, one = torch.full((3, *crop), generator.random()), view[:1]
        return Sample(view, view, view, trace, one, view, view, one, one)


def mixture(
    weights, count: int = 1000, first: int = 0, seed: int = 1, batch_size: int = 1
) -> Mixture[Sample]:
    sources = [(Level(number), weight) for number, weight in enumerate(weights)]
    return Mixture(sources, (1, 1), first, count, seed, batch_size)


def levels(samples: Mixture[Sample]) -> list[float]:
    return [float(samples[i].rainy_left[0, 0, 0]) for i in range(len(samples))]


def same(one, two) -> bool:
    # Disparities are NaN where they are unknown.
    return all(
        torch.equal(a.nan_to_num(-1), b.nan_to_num(-1)) for a, b in zip(one, two, strict=True)
    )


def test_sources_are_drawn_by_weight() -> None:
    drawn = levels(mixture([3, 0, 1]))
    assert drawn.count(1) == 0
    # 250 of 1000 with a standard deviation of 14.
    assert 200 < drawn.count(2) < 300


def test_a_sample_depends_on_seed_and_number_alone() -> None:
    whole, rest = mixture([1, 1]), mixture([1, 1], count=990, first=10)
    assert len(rest) == 990
    assert all(same(rest[i], whole[10 + i]) for i in (5, 0, 989))
    assert len({float(whole[i].clean_right[0, 0, 0]) for i in range(100)}) == 100
    assert not same(whole[0], mixture([1, 1], seed=2)[0])


def test_a_batch_comes_from_one_source_and_batches_from_each_by_weight() -> None:
    drawn = levels(mixture([3, 1], first=8, batch_size=4))
    batches = [set(drawn[begin : begin + 4]) for begin in range(0, 1000, 4)]
    assert all(len(batch) == 1 for batch in batches)
    # 62 of 250 with a standard deviation of 7.
    assert 34 < batches.count({1.0}) < 91


def test_a_source_does_not_tell_what_is_drawn_from_it() -> None:
    samples = mixture([1, 1])
    traces = {0.0: [], 1.0: []}
    for i in range(1000):
        traces[float(samples[i].rainy_left[0, 0, 0])].append(float(samples[i].clean_right[0, 0, 0]))
    # 0.5 each, with a standard deviation of 0.013.
    assert all(abs(np.mean(trace) - 0.5) < 0.06 for trace in traces.values())


def test_worker_processes_make_the_same_samples(make_scenes) -> None:
    source = CleanStereo(make_scenes(2, 80, 120), RenderedRain())
    samples = Mixture([(source, 1.0)], CROP, 0, 4, seed=1)
    batches = list(DataLoader(samples, batch_size=2, num_workers=1))
    assert isinstance(batches[0], Sample)
    assert all(same([view[i % 2] for view in batches[i // 2]], samples[i]) for i in range(4))


def test_a_crop_that_a_source_cannot_give_is_refused_at_once() -> None:
    with pytest.raises(ImageError, match="a level of 99x99 is smaller than the crop of 100x9"):
        Mixture([(Level(0), 1.0)], (9, 100), 0, 1, 0)


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_without_meaning_are_refused(weights) -> None:
    message = f"Sources need weights of 0 or more, one positive, got {weights}."
    with pytest.raises(ConfigError, match=re.escape(message)):
        mixture(weights)
