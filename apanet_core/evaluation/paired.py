"""What is gained on rain that others rendered or staged, whose clean pictures are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from apanet_core.data.matching_files import read_matching
from apanet_core.evaluation.derain import Derain, Views, derain_single
from apanet_core.evaluation.quality import (
    Quality,
    StereoQuality,
    mean_quality,
    mean_stereo_quality,
    pair_quality,
    picture_quality,
    stereo_quality,
)
from apanet_core.evaluation.show import WEATHER, Show
from apanet_core.imaging.disparity import match_disparity
from apanet_core.imaging.types import ByteImage


@dataclass(frozen=True)
class PairedRain:
    """Results of one model, each the mean over `count` pictures or pairs.

    Attributes:
        quality: PSNR and SSIM, in and out.
        stereo: how the views fit each other; `None` where it was not asked for.
    """

    count: int
    quality: Quality
    stereo: StereoQuality | None = None


def evaluate_pictures(
    derain: Derain, pictures: Iterable[tuple[ByteImage, ByteImage]], show: Show | None = None
) -> PairedRain:
    """Derain single pictures, each given as both views.

    Args:
        derain: takes and returns uint8 RGB `[H,W,3]` views.
        pictures: a rainy and its clean picture, uint8 RGB `[H,W,3]` of one size; one at least.
        show: is shown every rainy, derained and clean picture.
    """
    rows: list[Quality] = []
    for number, (rainy, clean) in enumerate(pictures):
        derained = derain_single(derain, rainy)
        rows.append(picture_quality(clean, rainy, derained))
        if show is not None:
            show(number, WEATHER, ((rainy,), (derained,), (clean,)))
    return PairedRain(len(rows), mean_quality(rows))


def evaluate_pairs(
    derain: Derain,
    pairs: Iterable[tuple[Views, Views]],
    stereo: bool = False,
    show: Show | None = None,
) -> PairedRain:
    """Derain rectified pairs.

    Args:
        derain: takes and returns uint8 RGB `[H,W,3]` views.
        pairs: rainy and clean views, uint8 RGB `[H,W,3]` of one size; one pair at least.
        stereo: whether to measure as well how the views fit each other, which takes longer.
        show: is shown every rainy, derained and clean pair.
    """
    rows: list[Quality] = []
    fits: list[StereoQuality] = []
    for number, (rainy, clean) in enumerate(pairs):
        derained = derain(*rainy)
        rows.append(pair_quality(clean, rainy, derained))
        if stereo:
            fits.append(stereo_quality(clean, rainy, derained, match_disparity(*clean)))
        if show is not None:
            show(number, WEATHER, (rainy, derained, clean))
    return PairedRain(len(rows), mean_quality(rows), mean_stereo_quality(fits) if stereo else None)


def read_rainy_pairs(files: Iterable[Sequence[Path]]) -> Iterator[tuple[Views, Views]]:
    """Read rainy and clean views from `(rain_left, rain_right, gt_left, gt_right)` files.

    Errors as `read_matching`.
    """
    for rainy_left, rainy_right, clean_left, clean_right in map(read_matching, files):
        yield (rainy_left, rainy_right), (clean_left, clean_right)
