"""What chooses the best weights: whole pictures of other places, derained and measured."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apanet_core.data.scene import Scene
from apanet_core.evaluation.derain import Derain
from apanet_core.evaluation.quality import Quality
from apanet_core.evaluation.rain_removal import evaluate_rain_removal, evaluate_trials
from apanet_core.evaluation.trials import GivenRain
from apanet_core.imaging.types import ByteImage
from apanet_core.rain import add_rain, sample_weather

SEED = 7
"""Of the rain while training; the figures of model cards use another one."""

SHOWN_SEVERITY = "heavy"


class Validated(NamedTuple):
    """One validation.

    Attributes:
        psnr: of the output in dB, mean over severities: what chooses.
        figures: all that is logged, by name.
        picture: uint8 RGB `[H,W,3]`: rainy, derained and clean, one above the other.
    """

    psnr: float
    figures: dict[str, float]
    picture: ByteImage


Validation = Callable[[Derain], Validated]


def rendered_validation(scenes: Sequence[Scene]) -> Validation:
    """Validate on clean scenes in rendered rain of every severity, and dry."""

    def validate(derain: Derain) -> Validated:
        found = evaluate_rain_removal(derain, scenes, SEED)
        figures = {**_figures(found.mean), "clear_psnr": found.clear_psnr}
        figures |= {f"psnr_{name}": row.output_psnr for name, row in found.weathers.items()}
        return Validated(found.mean.output_psnr, figures, _shown(derain, scenes[0]))

    return validate


def paired_validation(files: Sequence[Sequence[Path]]) -> Validation:
    """Validate on rainy pairs whose clean ones are given.

    Args:
        files: of each pair rainy left and right, clean left and right.
    """

    def validate(derain: Derain) -> Validated:
        pairs = GivenRain(files)
        quality = evaluate_trials(derain, pairs).mean
        left, right = pairs[0].rainy
        picture = np.vstack([left, derain(left, right)[0], pairs[0].clean[0]])
        return Validated(quality.output_psnr, _figures(quality), picture)

    return validate


def _figures(quality: Quality) -> dict[str, float]:
    figures = dataclasses.asdict(quality)
    return {name: value for name, value in figures.items() if not math.isnan(value)}


def _shown(derain: Derain, scene: Scene) -> ByteImage:
    generator = np.random.default_rng(SEED)
    weather = sample_weather(SHOWN_SEVERITY, generator)
    disparity: NDArray[np.float32] = scene.disparity.astype(np.float32)
    rainy = add_rain(scene.left, scene.right, weather, generator, disparity)
    return np.vstack([rainy[0], derain(*rainy)[0], scene.left])
