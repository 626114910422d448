"""The figures of rainy and derained pictures whose clean ones are known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev

from apanet_core.imaging.types import ByteImage
from apanet_core.metrics import psnr

PSNR_CAP_DB = 60.0
"""Most that one picture counts: 8-bit rounding alone hides any difference there, and equal
pictures, whose PSNR is infinite, would leave no mean."""


@dataclass(frozen=True)
class Quality:
    """PSNR in dB, SSIM and LPIPS against the clean views, of the rainy input and of the output.

    PSNR and SSIM of the luma alone end in `_y`. What was not measured is NaN.
    """

    input_psnr: float
    output_psnr: float
    input_ssim: float
    output_ssim: float
    input_lpips: float = math.nan
    output_lpips: float = math.nan
    input_psnr_y: float = math.nan
    output_psnr_y: float = math.nan
    input_ssim_y: float = math.nan
    output_ssim_y: float = math.nan


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


def known_mean(values: Iterable[float]) -> float:
    """Return the mean of the values that are not NaN; NaN where none is."""
    known = _known(values)
    return fmean(known) if known else math.nan


def known_error(values: Iterable[float]) -> float:
    """Return the standard error of `known_mean`; NaN where fewer than two values are known."""
    known = _known(values)
    return stdev(known) / math.sqrt(len(known)) if len(known) > 1 else math.nan


def _known(values: Iterable[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def _ratio(part: float, whole: float) -> float:
    """Return `part / whole`; nothing of nothing is all of it, something of nothing infinite."""
    if whole == 0:
        return 1.0 if part == 0 else math.inf
    return part / whole
