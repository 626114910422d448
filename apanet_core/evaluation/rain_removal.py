"""What one model gains, per weather, and what it loses on a dry picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from apanet_core.data.scene import Scene
from apanet_core.evaluation.comparison import LUMA, Comparison, compare
from apanet_core.evaluation.derain import Derain
from apanet_core.evaluation.method import INPUT, Method
from apanet_core.evaluation.quality import Quality, StereoQuality, known_mean
from apanet_core.evaluation.show import Show
from apanet_core.evaluation.trials import DRY, RenderedRain, Trials


@dataclass(frozen=True)
class RainRemoval:
    """Results of one model, each the mean over pairs and views.

    Attributes:
        weathers: quality per severity; one row where the rain was not rendered here.
        mean: over all of them.
        clear_psnr: PSNR in dB of the output on clean pairs against those pairs themselves; NaN
            where none was derained.
        stereo: per weather, how the views fit each other; empty where it was not asked for.
        stereo_mean: over all of them; `None` where it was not asked for.
    """

    weathers: dict[str, Quality]
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
    """Derain clean scenes in rain of every severity, and dry; arguments as `RenderedRain`."""
    return evaluate_trials(derain, RenderedRain(scenes, seed), stereo, show)


def evaluate_trials(
    derain: Derain, trials: Trials, stereo: bool = False, show: Show | None = None
) -> RainRemoval:
    """Derain every trial whole. PSNR counts up to 60 dB a view; arguments as `compare`."""
    method = Method("output", derain)
    return rain_removal(compare([method], trials, stereo=stereo, show=show), method.name)


def rain_removal(found: Comparison, method: str) -> RainRemoval:
    """Return what one method of a comparison gained over its input."""
    measured = bool(found.fits)
    return RainRemoval(
        weathers={name: _quality(found, method, name) for name in found.weathers},
        mean=_quality(found, method),
        clear_psnr=found.mean(method, "psnr", DRY),
        stereo={name: _fit(found, method, name) for name in found.weathers if measured},
        stereo_mean=_fit(found, method) if measured else None,
    )


def _quality(found: Comparison, method: str, weather: str | None = None) -> Quality:
    return Quality(
        *(
            found.mean(name, measure, weather)
            for measure in ("psnr", "ssim", "lpips", *LUMA)
            for name in (INPUT, method)
        )
    )


def _fit(found: Comparison, method: str, weather: str | None = None) -> StereoQuality:
    rows = [row for row in found.fits if weather in (None, row.weather)]
    before = [row for row in rows if row.method == INPUT]
    after = [row for row in rows if row.method == method]
    return StereoQuality(
        clean_difference=known_mean(row.clean_difference for row in after),
        input_difference=known_mean(row.difference for row in before),
        output_difference=known_mean(row.difference for row in after),
        input_bad=known_mean(row.bad for row in before),
        output_bad=known_mean(row.bad for row in after),
    )
