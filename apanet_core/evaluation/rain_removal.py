"""What is gained over the rainy input, per severity, and what is lost on a dry picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from apanet_core.data.scene import Scene
from apanet_core.imaging.types import ByteImage
from apanet_core.metrics import psnr, ssim
from apanet_core.rain import SEVERITIES, add_rain, sample_weather

Derain = Callable[[ByteImage, ByteImage], tuple[ByteImage, ByteImage]]


@dataclass(frozen=True)
class Quality:
    """Mean over pairs and views: PSNR in dB and SSIM, of the rainy input and of the output."""

    input_psnr: float
    output_psnr: float
    input_ssim: float
    output_ssim: float


@dataclass(frozen=True)
class RainRemoval:
    """Results of one model.

    Attributes:
        severities: quality per severity.
        mean: over the severities.
        clear_psnr: PSNR in dB of the output on clean pairs against those pairs themselves.
    """

    severities: dict[str, Quality]
    mean: Quality
    clear_psnr: float


def evaluate_rain_removal(derain: Derain, scenes: Sequence[Scene], seed: int) -> RainRemoval:
    """Derain every scene whole, in each severity and dry.

    Args:
        derain: takes and returns uint8 RGB `[H,W,3]` views.
        scenes: clean pairs.
        seed: of the rain; scene `i` in severity `s` always sees the same rain.
    """
    dry: list[float] = []
    rows: dict[str, list[NDArray[np.float64]]] = {name: [] for name in SEVERITIES}
    for number, scene in enumerate(tqdm(scenes, desc="evaluate", unit="pair", leave=False)):
        clean = (scene.left, scene.right)
        # A perfect output has no finite PSNR; 60 dB is where 8-bit rounding hides any difference.
        outputs = derain(*clean)
        dry += [min(psnr(out, view), 60.0) for out, view in zip(outputs, clean, strict=True)]
        for level, name in enumerate(SEVERITIES):
            generator = np.random.default_rng((seed, number, level))
            weather = sample_weather(name, generator)
            rainy = add_rain(*clean, weather, generator, scene.disparity.astype(np.float32))
            for out, wet, view in zip(derain(*rainy), rainy, clean, strict=True):
                rows[name].append(
                    np.array([psnr(wet, view), psnr(out, view), ssim(wet, view), ssim(out, view)])
                )
    means = {name: np.mean(row, axis=0) for name, row in rows.items()}
    return RainRemoval(
        severities={name: Quality(*map(float, mean)) for name, mean in means.items()},
        mean=Quality(*map(float, np.mean(list(means.values()), axis=0))),
        clear_psnr=float(np.mean(dry)),
    )
