"""The figures of rainy and derained pairs whose clean pair is known, and their means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from statistics import fmean

from apanet_core.evaluation.consistency import view_difference
from apanet_core.evaluation.derain import Views
from apanet_core.evaluation.stereo_matching import bad_share
from apanet_core.imaging.disparity import match_disparity
from apanet_core.imaging.types import ByteImage, FloatMap
from apanet_core.metrics import psnr, ssim

PSNR_CAP_DB = 60.0
"""Most that one picture counts: 8-bit rounding alone hides any difference there, and equal
pictures, whose PSNR is infinite, would leave no mean."""


@dataclass(frozen=True)
class Quality:
    """PSNR in dB and SSIM against the clean views, of the rainy input and of the output."""

    input_psnr: float
    output_psnr: float
    input_ssim: float
    output_ssim: float


@dataclass(frozen=True)
class StereoQuality:
    """How well two views still fit each other.

    Attributes:
        clean_difference, input_difference, output_difference: `view_difference` of the clean,
            rainy and derained views, levels of 0 to 255.
        input_bad, output_bad: `bad_share` of the rainy and derained pair, 0 to 1.
    """

    clean_difference: float
    input_difference: float
    output_difference: float
    input_bad: float
    output_bad: float

    @property
    def input_ratio(self) -> float:
        """How far the rainy views differ, relative to the clean ones; 1 is as consistent."""
        return _ratio(self.input_difference, self.clean_difference)

    @property
    def output_ratio(self) -> float:
        """How far the derained views differ, relative to the clean ones; 1 is as consistent."""
        return _ratio(self.output_difference, self.clean_difference)

    @property
    def bad_reduction(self) -> float:
        """Which share of the rainy pair's bad disparities is gone; negative where more are bad."""
        return 1 - _ratio(self.output_bad, self.input_bad)


def capped_psnr(image: ByteImage, reference: ByteImage) -> float:
    """Return the PSNR in dB, at most `PSNR_CAP_DB`; errors as `psnr`."""
    return min(psnr(image, reference), PSNR_CAP_DB)


def picture_quality(clean: ByteImage, rainy: ByteImage, derained: ByteImage) -> Quality:
    """Compare one picture, uint8 RGB `[H,W,3]`, rainy and derained, with the clean one."""
    return Quality(
        capped_psnr(rainy, clean),
        capped_psnr(derained, clean),
        ssim(rainy, clean),
        ssim(derained, clean),
    )


def pair_quality(clean: Views, rainy: Views, derained: Views) -> Quality:
    """Compare both views of a pair with the clean ones and return the mean of the two."""
    views = zip(clean, rainy, derained, strict=True)
    return mean_quality([picture_quality(*view) for view in views])


def stereo_quality(
    clean: Views, rainy: Views, derained: Views, disparity: FloatMap
) -> StereoQuality:
    """Measure how the views fit each other.

    Args:
        clean, rainy, derained: left and right view, uint8 RGB `[H,W,3]`.
        disparity: of the clean pair, from `match_disparity`: float32 `[H,W]`, NaN where unknown.
    """
    return StereoQuality(
        *(view_difference(views, disparity) for views in (clean, rainy, derained)),
        *(bad_share(match_disparity(*views), disparity) for views in (rainy, derained)),
    )


def mean_quality(rows: Sequence[Quality]) -> Quality:
    """Return the mean of every figure; `rows` holds one at least."""
    return Quality(*_means(rows))


def mean_stereo_quality(rows: Sequence[StereoQuality]) -> StereoQuality:
    """Return the mean of every figure over the rows where it is known."""
    return StereoQuality(*_means(rows))


def known_mean(values: Iterable[float]) -> float:
    """Return the mean of the values that are not NaN; NaN where none is."""
    known = [value for value in values if not math.isnan(value)]
    return fmean(known) if known else math.nan


def _means(rows: Sequence[Quality] | Sequence[StereoQuality]) -> list[float]:
    columns = ([getattr(row, field.name) for row in rows] for field in fields(rows[0]))
    return [known_mean(column) for column in columns]


def _ratio(part: float, whole: float) -> float:
    """Return `part / whole`; nothing of nothing is all of it, something of nothing infinite."""
    if whole == 0:
        return 1.0 if part == 0 else math.inf
    return part / whole
