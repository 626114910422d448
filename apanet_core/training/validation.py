"""What chooses the best weights: whole pictures of other places, derained and measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from apanet_core.data.scene import Scene
from apanet_core.evaluation.derain import Derain
from apanet_core.evaluation.paired import evaluate_pairs, read_rainy_pairs
from apanet_core.evaluation.rain_removal import evaluate_rain_removal
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
        mean = found.mean
        figures = {
            "input_psnr": mean.input_psnr,
            "output_psnr": mean.output_psnr,
            "input_ssim": mean.input_ssim,
            "output_ssim": mean.output_ssim,
            "clear_psnr": found.clear_psnr,
        }
        figures |= {f"psnr_{name}": row.output_psnr for name, row in found.severities.items()}
        return Validated(mean.output_psnr, figures, _shown(derain, scenes[0]))

    return validate


def paired_validation(files: Sequence[Sequence[Path]]) -> Validation:
    """Validate on rainy pairs whose clean ones are given.

    Args:
        files: of each pair rainy left and right, clean left and right.
    """

    def validate(derain: Derain) -> Validated:
        quality = evaluate_pairs(derain, read_rainy_pairs(files)).quality
        (rainy, clean) = next(read_rainy_pairs(files))
        picture = np.vstack([rainy[0], derain(*rainy)[0], clean[0]])
        return Validated(quality.output_psnr, dataclasses.asdict(quality), picture)

    return validate


def evenly_spread(count: int, total: int) -> list[int]:
    """Return up to `count` of the numbers below `total`, evenly spread."""
    count = min(count, total)
    return [number * total // count for number in range(count)]


def _shown(derain: Derain, scene: Scene) -> ByteImage:
    generator = np.random.default_rng(SEED)
    weather = sample_weather(SHOWN_SEVERITY, generator)
    disparity: NDArray[np.float32] = scene.disparity.astype(np.float32)
    rainy = add_rain(scene.left, scene.right, weather, generator, disparity)
    return np.vstack([rainy[0], derain(*rainy)[0], scene.left])
