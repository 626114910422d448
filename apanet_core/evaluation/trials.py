"""What is derained to be measured: rainy pairs and pictures with their clean ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from apanet_core.data.matching_files import read_matching_pictures
from apanet_core.data.rainy_scene import RainyScene, dry, rendered
from apanet_core.data.scene import Scene
from apanet_core.evaluation.show import WEATHER
from apanet_core.imaging.types import Picture
from apanet_core.rain import SEVERITIES, sample_weather
from apanet_core.rain.synthesis import rain_views

DRY = "dry"
"""The weather of clean pairs that are derained as they are: what is lost where it does not rain."""

WEATHERS = (DRY, *SEVERITIES)
"""Of every clean scene, in this order."""


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
        single: whether the trials hold the left views only.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        seed: int,
        names: Sequence[str] = (),
        single: bool = False,
    ) -> None:
        self._scenes = scenes
        self._seed = seed
        self._names = names or [str(number) for number in range(len(scenes))]
        self._views = 1 if single else 2

    @property
    def unit(self) -> str:
        """`pair` or `picture`."""
        return "pair" if self._views == 2 else "picture"

    def __len__(self) -> int:
        return len(self._scenes) * len(WEATHERS)

    def __getitem__(self, index: int) -> Trial:
        number, level = divmod(index, len(WEATHERS))
        scene = self.rainy_scene(index)
        views = (scene.left, scene.right)[: self._views]
        clean = tuple(view.clean for view in views)
        rainy = tuple(view.rainy for view in views) if level else clean
        return Trial(number, *self.labels(index), rainy, clean)

    def labels(self, index: int) -> tuple[str, str]:
        """Return name and weather of a trial."""
        number, level = divmod(index, len(WEATHERS))
        return self._names[number], WEATHERS[level]

    def rainy_scene(self, index: int) -> RainyScene:
        """Return both views of a trial, and how much drops on the lenses hide of them."""
        number, level = divmod(index, len(WEATHERS))
        scene = self._scenes[number]
        clean, disparity = (scene.left, scene.right), scene.disparity.astype(np.float32)
        if not level:
            return RainyScene(dry(scene.left), dry(scene.right), disparity)
        generator = np.random.default_rng((self._seed, number, level - 1))
        weather = sample_weather(WEATHERS[level], generator)
        views = rain_views(*clean, weather, generator, disparity)
        left, right = (rendered(*each) for each in zip(views, clean, strict=True))
        return RainyScene(left, right, disparity)

    def elsewhere(self, index: int) -> int | None:
        """Return the trial of the next scene in the same weather; `None` without a second scene."""
        return (index + len(WEATHERS)) % len(self) if len(self._scenes) > 1 else None


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
