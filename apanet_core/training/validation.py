"""What chooses the best weights: whole pictures of other places, derained and measured."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apanet_core.data.scene import Scene
from apanet_core.evaluation.comparison import compare
from apanet_core.evaluation.derain import Derain
from apanet_core.evaluation.method import Method
from apanet_core.evaluation.rain_removal import rain_removal
from apanet_core.evaluation.show import WEATHER
from apanet_core.evaluation.trials import GivenRain, RenderedRain, Trials
from apanet_core.imaging.types import ByteImage
from apanet_core.rain import add_rain, sample_weather
from apanet_core.training.camera_trials import CameraTrials, gain_per_camera

SEED = 7
"""Of the rain while training; the figures of model cards use another one."""

SHOWN_SEVERITY = "heavy"


class Validated(NamedTuple):
    """One validation.

    Attributes:
        score: what chooses, dB, mean over severities: PSNR of the output; or, where the trials are
            sent by several cameras, what is gained over the input, mean over the cameras.
        figures: all that is logged, by name.
        picture: uint8 RGB `[H,W,3]`: rainy, derained and clean, one above the other.
    """

    score: float
    figures: dict[str, float]
    picture: ByteImage


Validation = Callable[[Derain], Validated]


def rendered_validation(scenes: Sequence[Scene], cameras: bool = False) -> Validation:
    """Validate on clean scenes in rendered rain of every severity, and dry.

    Args:
        scenes: one at least.
        cameras: whether `VALIDATION_CAMERAS` send them in turn.
    """

    def validate(derain: Derain) -> Validated:
        score, figures = _measured(derain, RenderedRain(scenes, SEED), cameras)
        return Validated(score, figures, _shown(derain, scenes[0]))

    return validate


def paired_validation(files: Sequence[Sequence[Path]], cameras: bool = False) -> Validation:
    """Validate on rainy pairs whose clean ones are given.

    Args:
        files: of each pair rainy left and right, clean left and right.
        cameras: whether `VALIDATION_CAMERAS` send them in turn.
    """

    def validate(derain: Derain) -> Validated:
        pairs = GivenRain(files)
        score, figures = _measured(derain, pairs, cameras)
        left, right = pairs[0].rainy
        picture = np.vstack([left, derain(left, right)[0], pairs[0].clean[0]])
        return Validated(score, figures, picture)

    return validate


def _measured(derain: Derain, trials: Trials, cameras: bool) -> tuple[float, dict[str, float]]:
    """Return what chooses, and all figures."""
    method = Method("output", derain)
    found = compare([method], CameraTrials(trials, SEED) if cameras else trials)
    removal = rain_removal(found, method.name)
    figures = {**dataclasses.asdict(removal.mean), "clear_psnr": removal.clear_psnr}
    if list(removal.weathers) != [WEATHER]:
        figures |= {f"psnr_{name}": row.output_psnr for name, row in removal.weathers.items()}
    if not cameras:
        return removal.mean.output_psnr, _known(figures)
    gains = gain_per_camera(found, method.name)
    figures |= {f"gain_{camera}": gain for camera, gain in gains.items()}
    mean_gain = fmean(gains.values())
    return mean_gain, _known({**figures, "mean_gain": mean_gain})


def _known(figures: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in figures.items() if not math.isnan(value)}


def _shown(derain: Derain, scene: Scene) -> ByteImage:
    generator = np.random.default_rng(SEED)
    weather = sample_weather(SHOWN_SEVERITY, generator)
    disparity: NDArray[np.float32] = scene.disparity.astype(np.float32)
    rainy = add_rain(scene.left, scene.right, weather, generator, disparity)
    return np.vstack([rainy[0], derain(*rainy)[0], scene.left])
