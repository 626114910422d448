"""Pictures that came out worse than they went in, and what shows in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage, FloatMap

LEAST_LOSS_DB = 0.1
"""A smaller loss of PSNR is nothing that anybody sees."""

TONE_SIGMA_PX = 12.0
"""Of the Gaussian that passes what is wrong over large areas: half of a wave of 64 pixels."""

WINDOW_SIGMA_PX = 4.0
"""Of the window in which detail is compared with the clean picture's."""

FLAT_LEVELS = 1.0
"""Detail below this, in levels of 255, is none that could be lost."""


class ErrorParts(NamedTuple):
    """The mean squared error of a picture, levels of 255 squared, by what shows.

    Attributes:
        tone: wrong brightness or colour over large areas.
        texture: detail of the clean picture that is missing.
        streaks: the rest: fine structure that the clean picture does not have.
    """

    tone: float
    texture: float
    streaks: float


@dataclass(frozen=True)
class Worse:
    """A view that came out worse than it went in.

    Attributes:
        method: its name.
        trial: index of the trial.
        name, weather: of the trial.
        view: `left`, `right`, or `picture` for a single one.
        gain: PSNR of the output less that of the input, dB; negative.
        reason: the name of the part of the error that grew most, of `ErrorParts`.
    """

    method: str
    trial: int
    name: str
    weather: str
    view: str
    gain: float
    reason: str


def reason_worse(rainy: ByteImage, derained: ByteImage, clean: ByteImage) -> str:
    """Return which part of the error grew most, a name of `ErrorParts`.

    Args:
        rainy, derained, clean: uint8 RGB `[H,W,3]` of one size.
    """
    before, after = error_parts(rainy, clean), error_parts(derained, clean)
    grown = [new - old for old, new in zip(before, after, strict=True)]
    return ErrorParts._fields[int(np.argmax(grown))]


def error_parts(image: ByteImage, clean: ByteImage) -> ErrorParts:
    """Split the error of a picture by what shows.

    What a low-pass filter leaves of the error is tone. Of the rest, what is proportional to the
    clean picture's own detail around and has the opposite sign is lost texture.

    Args:
        image, clean: uint8 RGB `[H,W,3]` of one size.
    """
    truth = clean.astype(np.float32)
    error = image - truth
    slow = _blurred(error, TONE_SIGMA_PX)
    fast, detail = error - slow, truth - _blurred(truth, TONE_SIGMA_PX)
    common = _blurred(fast * detail, WINDOW_SIGMA_PX)
    power = _blurred(detail * detail, WINDOW_SIGMA_PX)
    lost = np.minimum(common / (power + FLAT_LEVELS**2), 0) * detail
    return ErrorParts(*(float(np.mean(part**2)) for part in (slow, lost, fast - lost)))


def count_reasons(worse: Iterable[Worse]) -> dict[str, int]:
    """Return how often each reason was found, the most frequent first."""
    return dict(Counter(row.reason for row in worse).most_common())


def _blurred(values: FloatMap, sigma: float) -> FloatMap:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
