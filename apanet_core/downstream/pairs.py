"""The pairs to compare: clean and rainy, with their camera and, where known, true disparity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import tee

from apanet_core.evaluation.derain import Views
from apanet_core.sequences.rainy_frames import rain_on
from apanet_core.sequences.stereo_frame import StereoFrame


@dataclass(frozen=True)
class RainyPair:
    """A clean frame, whose disparity is the true one or None, and its views in rain."""

    name: str
    clean: StereoFrame
    rainy: Views


@dataclass(frozen=True)
class Rain:
    """Rain to render.

    Attributes:
        severity: its name.
        seed: the same seed gives the same rain.
        runs_on: whether one weather lasts and drops live on from frame to frame; else each pair
            has weather of its own.
    """

    severity: str
    seed: int
    runs_on: bool


class Pairs:
    """Pairs read one after the other, as often as asked for.

    Args:
        names: of the pairs, in order.
        read_clean: reads the clean frame of a number; errors are its own.
        rain: what makes the rainy views: `Rain` to render, or what reads recorded ones.
    """

    def __init__(
        self,
        names: Sequence[str],
        read_clean: Callable[[int], StereoFrame],
        rain: Rain | Callable[[int], Views],
    ) -> None:
        self.names = tuple(names)
        self._read_clean = read_clean
        self._rain = rain

    def __len__(self) -> int:
        return len(self.names)

    @property
    def rain_description(self) -> str:
        """What rain it is, in a few words."""
        if not isinstance(self._rain, Rain):
            return "as recorded"
        course = "one weather that runs on" if self._rain.runs_on else "weather of its own a pair"
        return f"rendered, {self._rain.severity}, seed {self._rain.seed}, {course}"

    def first(self, count: int) -> Pairs:
        """Return only the first `count` of them."""
        return Pairs(self.names[:count], self._read_clean, self._rain)

    def clean(self) -> Iterator[StereoFrame]:
        """Yield the clean frames."""
        return map(self._read_clean, range(len(self)))

    def __iter__(self) -> Iterator[RainyPair]:
        """Yield the pairs."""
        frames, again = tee(self.clean())
        for name, clean, rainy in zip(self.names, frames, self._rainy(again), strict=True):
            yield RainyPair(name, clean, rainy)

    def _rainy(self, frames: Iterator[StereoFrame]) -> Iterator[Views]:
        if not isinstance(self._rain, Rain):
            for number, _ in enumerate(frames):
                yield self._rain(number)
        elif self._rain.runs_on:
            for frame in rain_on(frames, self._rain.severity, self._rain.seed):
                yield frame.left, frame.right
        else:
            for number, frame in enumerate(frames):
                (wet,) = rain_on([frame], self._rain.severity, (self._rain.seed, number))
                yield wet.left, wet.right
