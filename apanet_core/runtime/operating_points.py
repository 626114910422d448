"""A ladder of operating points: which network, at which share of the image's size."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from apanet_core.errors import ConfigError
from apanet_core.imaging.types import ByteImage
from apanet_core.runtime.scaled import derain_scaled


class Derainer(Protocol):
    """What is asked of `apanet_core.runtime.derainer.StereoDerainer`."""

    device: str
    description: str

    def derain(self, left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]: ...


@dataclass(frozen=True)
class OperatingPoint:
    """One way to derain a pair.

    Attributes:
        scale: side of the picture the network sees over that of the image, above 0 and up to 1.
        model: name of shipped weights, or path of a weights file.
    """

    scale: float
    model: str

    def __str__(self) -> str:
        return f"{self.scale:g} {self.model}"


def parse_ladder(texts: Iterable[str], model: str) -> tuple[OperatingPoint, ...]:
    """Read operating points, best first, each written `SCALE` or `SCALE MODEL`.

    Args:
        texts: for example `1.0`, `0.5`, `0.5 tiny`.
        model: of the points that name none.

    Raises:
        ConfigError: there is none, one occurs twice, or a scale is no number above 0 and up to 1.
    """
    points = tuple(_parse(text, model) for text in texts)
    if not points:
        raise ConfigError("The ladder has no operating point: give one at least, such as '1.0'.")
    for point in points:
        if points.count(point) > 1:
            raise ConfigError(f"The ladder has the operating point '{point}' twice.")
    return points


def _parse(text: str, model: str) -> OperatingPoint:
    number, _, named = text.strip().partition(" ")
    try:
        scale = float(number)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1:
        raise ConfigError(
            f"The operating point {text!r} has no scale above 0 and up to 1: write SCALE or "
            "SCALE MODEL, such as '0.5' or '0.5 tiny'."
        )
    return OperatingPoint(scale, named.strip() or model)


class LadderDerainer:
    """Derains pairs at any of several operating points; each network is loaded once.

    Args:
        points: best first.
        load: loads a network by its name or path.

    Attributes:
        points: as above.
        device: where the networks compute.
        description: one line on each network.
    """

    def __init__(self, points: Sequence[OperatingPoint], load: Callable[[str], Derainer]) -> None:
        self.points = tuple(points)
        self._derainers = {model: load(model) for model in dict.fromkeys(p.model for p in points)}
        self.device = self._derainers[points[0].model].device
        self.description = ", ".join(each.description for each in self._derainers.values())

    def derain(self, step: int, left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]:
        """Return the derained pair.

        Args:
            step: position of the operating point.
            left, right: uint8 RGB `[H,W,3]`, rectified, one size.

        Returns:
            New arrays of the same shape and type.
        """
        point = self.points[step]
        return derain_scaled(self._derainers[point.model].derain, left, right, point.scale)

    def warm_up(self, step: int, height: int, width: int) -> float:
        """Derain a pair of this size twice and return the seconds that the second one took."""
        noise = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
        self.derain(step, *noise)
        start = time.perf_counter()
        self.derain(step, *noise)
        return time.perf_counter() - start
