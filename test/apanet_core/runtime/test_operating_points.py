"""Ladders of operating points: how they are written, and what each one runs."""

from __future__ import annotations

import numpy as np
import pytest

from apanet_core.errors import ConfigError
from apanet_core.imaging.types import ByteImage
from apanet_core.runtime.operating_points import LadderDerainer, OperatingPoint, parse_ladder


def test_a_ladder_is_read_as_it_is_written() -> None:
    texts = ["1.0", " 0.5  my models/a b.onnx ", "0.25 tiny float16", "0.25 bfloat16"]
    points = parse_ladder(texts, "small", "float32")
    assert points == (
        OperatingPoint(1.0, "small", "float32"),
        OperatingPoint(0.5, "my models/a b.onnx", "float32"),
        OperatingPoint(0.25, "tiny", "float16"),
        OperatingPoint(0.25, "small", "bfloat16"),
    )
    assert str(points[2]) == "0.25 tiny float16"
    assert str(*parse_ladder(["1.0"], "tiny")) == "1 tiny"


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([], "The ladder has no operating point: give one at least, such as '1.0'."),
        (["1.0", "1.0 tiny"], "The ladder has the operating point '1 tiny' twice."),
        (["tiny"], "The operating point 'tiny' has no scale above 0 and up to 1"),
        (["0"], "The operating point '0' has no scale"),
        (["1.5"], "The operating point '1.5' has no scale"),
        (["nan"], "The operating point 'nan' has no scale"),
        ([""], "The operating point '' has no scale"),
    ],
)
def test_a_bad_ladder_is_refused(texts: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_ladder(texts, "tiny")
    assert sentence in str(error.value)


class Adder:
    """A network that adds its number, and remembers the sizes it saw."""

    device = "cpu"

    def __init__(self, name: str) -> None:
        self.description = f"adds {name}"
        self.number = int(name)
        self.seen: list[tuple[int, ...]] = []

    def derain(self, left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]:
        self.seen.append(left.shape[:2])
        return left + self.number, right + self.number


def test_each_network_is_loaded_once_and_each_point_runs_its_own() -> None:
    loaded: list[Adder] = []

    def load(name: str, precision: str) -> Adder:
        assert precision == "auto"
        loaded.append(Adder(name))
        return loaded[-1]

    derainer = LadderDerainer(parse_ladder(["1.0", "0.5", "0.5 7"], "3"), load)
    assert derainer.description == "adds 3, adds 7"
    assert derainer.device == "cpu"
    view = np.full((32, 64, 3), 100, np.uint8)
    for step, value in ((0, 103), (1, 103), (2, 107)):
        left, right = derainer.derain(step, view, view)
        assert (left == value).all()
        assert (right == value).all()
    assert loaded[0].seen == [(32, 64), (16, 32)]
    assert loaded[1].seen == [(16, 32)]
    assert derainer.warm_up(2, 64, 64) > 0
    assert loaded[1].seen[1:] == [(32, 32), (32, 32)]
