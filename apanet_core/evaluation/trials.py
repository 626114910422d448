"""What is derained to be measured: rainy pairs and pictures with their clean ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from apanet_core.data.matching_files import read_matching_pictures
from apanet_core.data.scene import Scene
from apanet_core.evaluation.show import WEATHER
from apanet_core.imaging.types import Picture
from apanet_core.rain import SEVERITIES, add_rain, sample_weather

DRY = "dry"
"""The weather of clean pairs that are derained as they are: what is lost where it does not rain."""


@dataclass(frozen=True)
class Trial:
    """One pair or one picture in the rain.

    Attributes:
        number: of the pair or picture in its folder, from 0.
        name: of it.
        weather: a severity, `WEATHER` or `DRY`.
        rainy, clean: two views or one picture, RGB `[H,W,3]` of one size, uint8 or uint16.
    """

    number: int
    name: str
    weather: str
    rainy: tuple[Picture, ...]
    clean: tuple[Picture, ...]


class Trials(Protocol):
    """Any trial can be asked for at any time, and is the same each time."""

    @property
    def unit(self) -> str:
        """What one is: `pair` or `picture`."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Trial: ...


class RenderedRain:
    """Clean scenes, each dry and then in rain of every severity.

    Args:
        scenes: clean pairs, one at least.
        seed: of the rain; scene `i` in severity `s` always sees the same rain.
        names: of the scenes; by default their numbers.
    """

    unit = "pair"

    def __init__(self, scenes: Sequence[Scene], seed: int, names: Sequence[str] = ()) -> None:
        self._scenes = scenes
        self._seed = seed
        self._names = names or [str(number) for number in range(len(scenes))]

    def __len__(self) -> int:
        return len(self._scenes) * (1 + len(SEVERITIES))

    def __getitem__(self, index: int) -> Trial:
        number, level = divmod(index, 1 + len(SEVERITIES))
        scene = self._scenes[number]
        clean = (scene.left, scene.right)
        if not level:
            return Trial(number, self._names[number], DRY, clean, clean)
        severity = list(SEVERITIES)[level - 1]
        generator = np.random.default_rng((self._seed, number, level - 1))
        weather = sample_weather(severity, generator)
        rainy = add_rain(*clean, weather, generator, scene.disparity.astype(np.float32))
        return Trial(number, self._names[number], severity, rainy, clean)


class GivenRain:
    """Rainy pictures or pairs whose clean ones are given, read when they are asked for.

    Args:
        files: of each picture the rainy and the clean one; of each pair rainy left and right,
            clean left and right.
    """

    def __init__(self, files: Sequence[Sequence[Path]]) -> None:
        self._files = files

    @property
    def unit(self) -> str:
        """`pair` or `picture`."""
        return "pair" if len(self._files[0]) == 4 else "picture"

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Trial:
        """Read one; errors as `read_matching`."""
        files = self._files[index]
        pictures = read_matching_pictures(files)
        rainy, clean = pictures[: len(files) // 2], pictures[len(files) // 2 :]
        return Trial(index, files[0].stem, WEATHER, tuple(rainy), tuple(clean))
