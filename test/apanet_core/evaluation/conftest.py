"""A comparison of two methods whose figures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from apanet_core.evaluation.comparison import Comparison, compare
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.protocol import Protocol
from apanet_core.evaluation.section import Part, Section
from apanet_core.evaluation.tables import Table
from apanet_core.evaluation.trials import RenderedRain


@pytest.fixture(scope="package")
def rendered(make_scenes) -> RenderedRain:
    """Two scenes, `road` and `<b>`, dry and in every severity."""
    return RenderedRain(make_scenes(2, 72, 112), seed=3, names=["road", "<b>"])


@pytest.fixture(scope="package")
def compared(rendered) -> Comparison:
    """The input, a network that is never wrong by more than half, and a filter that darkens."""
    halves = {}
    for index in range(len(rendered)):
        trial = rendered[index]
        middle = (
            ((rainy.astype(np.uint16) + clean) // 2).astype(np.uint8)
            for rainy, clean in zip(trial.rainy, trial.clean, strict=True)
        )
        halves[trial.rainy[0].tobytes()] = tuple(middle)
    methods = [
        Method("net", lambda left, _: halves[left.tobytes()], "a net", parameters=2000, gmacs=0.5),
        Method("other", lambda left, right: (left, right), "another", parameters=9000, gmacs=5),
        Method("dark", lambda left, right: (left // 2, right // 2), "half as bright", False),
    ]
    return compare(methods, rendered, stereo=True)


@pytest.fixture(scope="package")
def section() -> Section:
    """One more measurement, with a name that is no HTML and a figure that is not known."""
    table = Table(("camera", "gain"), [("grey", "+1.00"), ("<b>", "–")])
    parts = [Part("Kinds of cameras, net", table, "The worst kind is grey.")]
    figures = [{"camera": "grey", "gain": 1.0}, {"camera": "<b>", "gain": math.nan}]
    return Section("cameras", "Kinds of cameras", "How to read it.", parts, figures)


@pytest.fixture(scope="package")
def protocol() -> Protocol:
    return Protocol(
        folder="data/roads",
        what="2 pairs",
        cut="whole",
        seed=3,
        lpips="LPIPS is empty: a test has none.",
        lpips_title="LPIPS",
        machine="a machine",
        commit="0123abc",
    )
