"""What is gained over rendered rain, per severity, and what is lost on a dry picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from apanet_core.data.scene import Scene
from apanet_core.evaluation.derain import Derain, Views
from apanet_core.evaluation.quality import (
    Quality,
    StereoQuality,
    capped_psnr,
    mean_quality,
    mean_stereo_quality,
    pair_quality,
    stereo_quality,
)
from apanet_core.evaluation.show import Show
from apanet_core.imaging.disparity import match_disparity
from apanet_core.rain import SEVERITIES, add_rain, sample_weather


@dataclass(frozen=True)
class RainRemoval:
    """Results of one model, each the mean over pairs and views.

    Attributes:
        severities: quality per severity.
        mean: over the severities.
        clear_psnr: PSNR in dB of the output on clean pairs against those pairs themselves.
        stereo: per severity, how the views fit each other; empty where it was not asked for.
        stereo_mean: over the severities; `None` where it was not asked for.
    """

    severities: dict[str, Quality]
    mean: Quality
    clear_psnr: float
    stereo: dict[str, StereoQuality] = field(default_factory=dict)
    stereo_mean: StereoQuality | None = None


def evaluate_rain_removal(
    derain: Derain,
    scenes: Sequence[Scene],
    seed: int,
    stereo: bool = False,
    show: Show | None = None,
) -> RainRemoval:
    """Derain every scene whole, in each severity and dry. PSNR counts up to 60 dB a view.

    Args:
        derain: takes and returns uint8 RGB `[H,W,3]` views.
        scenes: clean pairs, one at least.
        seed: of the rain; scene `i` in severity `s` always sees the same rain.
        stereo: whether to measure as well how the views fit each other, which takes longer.
        show: is shown every rainy, derained and clean pair.
    """
    dry: list[float] = []
    rows: dict[str, list[Quality]] = {name: [] for name in SEVERITIES}
    fits: dict[str, list[StereoQuality]] = {name: [] for name in SEVERITIES} if stereo else {}
    for number, scene in enumerate(tqdm(scenes, desc="evaluate", unit="pair", leave=False)):
        clean = (scene.left, scene.right)
        dry += [capped_psnr(*views) for views in zip(derain(*clean), clean, strict=True)]
        known = match_disparity(*clean) if stereo else None
        for level, name in enumerate(SEVERITIES):
            rainy = _rained_on(scene, name, np.random.default_rng((seed, number, level)))
            derained = derain(*rainy)
            rows[name].append(pair_quality(clean, rainy, derained))
            if known is not None:
                fits[name].append(stereo_quality(clean, rainy, derained, known))
            if show is not None:
                show(number, name, (rainy, derained, clean))
    severities = {name: mean_quality(row) for name, row in rows.items()}
    stereo_rows = {name: mean_stereo_quality(row) for name, row in fits.items()}
    return RainRemoval(
        severities=severities,
        mean=mean_quality(list(severities.values())),
        clear_psnr=float(np.mean(dry)),
        stereo=stereo_rows,
        stereo_mean=mean_stereo_quality(list(stereo_rows.values())) if stereo else None,
    )


def _rained_on(scene: Scene, severity: str, generator: np.random.Generator) -> Views:
    weather = sample_weather(severity, generator)
    disparity = scene.disparity.astype(np.float32)
    return add_rain(scene.left, scene.right, weather, generator, disparity)
