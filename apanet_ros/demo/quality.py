"""How much nearer to the clean pictures the derained ones are than the rainy ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from apanet_core.imaging.types import ByteImage
from apanet_core.metrics import psnr, ssim
from apanet_core.progress import progress
from apanet_core.sequences.stereo_frame import StereoFrame

Images = Mapping[tuple[int, str], ByteImage]
"""Images by stamp in ns and view, "left" or "right"."""


@dataclass(frozen=True)
class Quality:
    """Averages over all views that were derained: PSNR in dB and SSIM, against the clean ones."""

    views: int
    rainy_psnr: float
    derained_psnr: float
    rainy_ssim: float
    derained_ssim: float


def images_of(frames: Iterable[StereoFrame]) -> Images:
    """Return both views of every frame."""
    images: dict[tuple[int, str], ByteImage] = {}
    for frame in frames:
        images[frame.stamp_ns, "left"] = frame.left
        images[frame.stamp_ns, "right"] = frame.right
    return images


def compare(clean: Images, rainy: Images, derained: Images) -> Quality:
    """Compare every derained view, and the rainy one it came from, with the clean one."""
    scores = [
        (
            psnr(rainy[key], clean[key]),
            psnr(derained[key], clean[key]),
            ssim(rainy[key], clean[key]),
            ssim(derained[key], clean[key]),
        )
        for key in progress(derained, "compare", len(derained), unit="view")
    ]
    return Quality(len(scores), *(fmean(column) for column in zip(*scores, strict=True)))
