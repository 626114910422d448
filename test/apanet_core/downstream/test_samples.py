from __future__ import annotations

import math
from types import SimpleNamespace

from apanet_core.downstream.samples import Samples


def pair(name: str, rainy: float, derained: float):
    figures = {"rainy": SimpleNamespace(bad=rainy), "tiny": SimpleNamespace(bad=derained)}
    return SimpleNamespace(name=name, figures=figures)


def kept(*pairs) -> list[str]:
    samples = Samples(len(pairs), "tiny")
    for seen in pairs:
        samples(seen)
    return [found.name for _, found in samples.kept()]


def test_the_middle_one_and_the_one_least_helped_are_kept() -> None:
    found = kept(pair("a", 0.5, 0.1), pair("b", 0.5, 0.2), pair("c", 0.4, 0.45), pair("d", 0.5, 0))

    # Of four the third is in the middle, and it is the one that got worse.
    assert found == ["c"]
    assert kept(pair("a", 0.5, 0.6), pair("b", 0.5, 0.2), pair("c", 0.5, 0.4)) == ["b", "a"]


def test_a_pair_nobody_can_judge_is_not_the_least() -> None:
    unknown = pair("a", math.nan, math.nan)

    assert kept(unknown, pair("b", 0.5, 0.1), pair("c", 0.5, 0.3)) == ["b", "c"]
    assert kept(unknown) == ["a"]


def test_why_follows_the_name_and_one_pair_needs_no_reason() -> None:
    samples, single = Samples(2, "tiny"), Samples(1, "tiny")
    for seen in (pair("a", 0.5, 0.4), pair("b", 0.5, 0.2)):
        samples(seen)
    single(pair("a", 0.5, 0.4))

    assert [why for why, _ in samples.kept()] == [
        ", from the middle of the pairs",
        ", where deraining helps disparity least",
    ]
    assert [why for why, _ in single.kept()] == [""]
