from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("torch")

from apanet_core.benchmark.complexity import complexity
from apanet_core.network.config import ApanetConfig
from apanet_core.training.recipe import load_recipe

PAPER = ApanetConfig()
ONE = ApanetConfig(width=4, blocks=(1, 1), memory_size=(2, 2), parallax=(True, False))


def test_the_paper_counts_what_we_count() -> None:
    # "17.98 GFLOPs" for one 128 x 128 pair are multiply-accumulate operations.
    found = complexity(PAPER, 128, 128)

    assert found.parameters == 8_013_443
    assert found.macs_stored / 1e9 == pytest.approx(17.98, rel=0.1)


def test_attention_by_hand() -> None:
    with_it = complexity(ONE, 16, 20)
    without = complexity(dataclasses.replace(ONE, parallax=(False, False)), 16, 20)

    # Encoder block of 4 and decoder block of 8 channels; projections are four per block, attention
    # is two products each way over rows of 20.
    projections = sum(4 * 16 * 20 * c * c for c in (4, 8))
    attention = sum(2 * 2 * 16 * 20 * 20 * c for c in (4, 8))
    assert with_it.macs_stored - without.macs_stored == projections + attention
    assert with_it.macs - without.macs == projections + attention // 2
    unmasked = complexity(dataclasses.replace(ONE, parallax_mask=False), 16, 20)
    assert unmasked.macs == unmasked.macs_stored == with_it.macs_stored


def test_a_largest_disparity_bounds_the_work_of_attention() -> None:
    banded = dataclasses.replace(PAPER, max_disparity=128)
    rows = [complexity(config, 128, width) for config in (PAPER, banded) for width in (512, 1024)]

    growth = [wide.macs / narrow.macs for narrow, wide in (rows[:2], rows[2:])]
    assert growth[0] > 2.5
    assert growth[1] == pytest.approx(2, rel=0.02)


def test_tiny_needs_a_fortieth_of_the_papers_work() -> None:
    size = (376, 1248)

    assert complexity(load_recipe("tiny").network, *size).macs * 40 <= complexity(PAPER, *size).macs
