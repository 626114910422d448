"""A ladder of operating points: which network, at which image scale, how exactly computed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from apanet_core.errors import ConfigError
from apanet_core.imaging.types import AnyPicture
from apanet_core.runtime.options import AUTO, PRECISIONS
from apanet_core.runtime.scaled import derain_scaled


class Derainer(Protocol):
    """What is asked of `apanet_core.runtime.derainer.StereoDerainer`."""

    device: str
    description: str
    veil_removal: float

    def derain(self, left: AnyPicture, right: AnyPicture) -> tuple[AnyPicture, AnyPicture]: ...


@dataclass(frozen=True)
class OperatingPoint:
    """One way to derain a pair.

    Attributes:
        scale: side of the picture the network sees over that of the image, above 0 and up to 1.
        model: name of shipped weights, or path of a weights file.
        precision: of the arithmetic, as `RuntimeOptions` has it.
    """

    scale: float
    model: str
    precision: str = AUTO

    def __str__(self) -> str:
        words = (f"{self.scale:g}", self.model, self.precision)
        return " ".join(word for word in words if word != AUTO)


def parse_ladder(
    texts: Iterable[str], model: str, precision: str = AUTO
) -> tuple[OperatingPoint, ...]:
    """Read operating points, best first, each written `SCALE [MODEL] [PRECISION]`.

    Args:
        texts: for example `1.0`, `0.5 float16`, `0.5 tiny`, `0.5 tiny bfloat16`.
        model, precision: of the points that name none.

    Raises:
        ConfigError: there is none, one occurs twice, or a scale is no number above 0 and up to 1.
    """
    points = tuple(_parse(text, model, precision) for text in texts)
    if not points:
        raise ConfigError("The ladder has no operating point: give one at least, such as '1.0'.")
    for point in points:
        if points.count(point) > 1:
            raise ConfigError(f"The ladder has the operating point '{point}' twice.")
    return points


def _parse(text: str, model: str, precision: str) -> OperatingPoint:
    number, _, rest = text.strip().partition(" ")
    try:
        scale = float(number)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1:
        raise ConfigError(
            f"The operating point {text!r} has no scale above 0 and up to 1: write SCALE, then "
            "MODEL and PRECISION where they differ, such as '0.5' or '0.5 tiny float16'."
        )
    words = rest.split()
    if words and words[-1] in PRECISIONS:
        precision = words.pop()
    return OperatingPoint(scale, " ".join(words) or model, precision)


class LadderDerainer:
    """Derains pairs at any of several operating points; each network is loaded once.

    Args:
        points: best first.
        load: loads a network by its name or path, and precision.

    Attributes:
        points: as above.
        device: where the networks compute.
        description: one line on each network.
    """

    def __init__(
        self, points: Sequence[OperatingPoint], load: Callable[[str, str], Derainer]
    ) -> None:
        self.points = tuple(points)
        self._derainers = {
            network: load(*network) for network in dict.fromkeys(map(_network, points))
        }
        self.device = self._derainers[_network(points[0])].device
        self.description = ", ".join(each.description for each in self._derainers.values())

    @property
    def veil_removal(self) -> float:
        """How much of the veil goes, 0 to 1, at every operating point."""
        return next(iter(self._derainers.values())).veil_removal

    @veil_removal.setter
    def veil_removal(self, share: float) -> None:
        before = self.veil_removal
        try:
            for derainer in self._derainers.values():
                derainer.veil_removal = share
        except ConfigError:
            for derainer in self._derainers.values():
                derainer.veil_removal = before
            raise

    def derain(
        self, step: int, left: AnyPicture, right: AnyPicture
    ) -> tuple[AnyPicture, AnyPicture]:
        """Return the derained pair.

        Args:
            step: position of the operating point.
            left, right: uint8 or uint16 RGB `[H,W,3]`, rectified, one size.

        Returns:
            New arrays of the same shape and type.
        """
        point = self.points[step]
        return derain_scaled(self._derainers[_network(point)].derain, left, right, point.scale)

    def warm_up(self, step: int, height: int, width: int) -> float:
        """Derain a pair of this size twice and return the seconds that the second one took."""
        noise = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
        self.derain(step, *noise)
        start = time.perf_counter()
        self.derain(step, *noise)
        return time.perf_counter() - start


def _network(point: OperatingPoint) -> tuple[str, str]:
    """What is loaded for a point: points that differ in scale only share it."""
    return point.model, point.precision
