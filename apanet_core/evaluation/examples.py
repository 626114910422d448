"""Which trials a report shows, and what it shows of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.evaluation.comparison import Comparison
from apanet_core.evaluation.method import INPUT
from apanet_core.evaluation.quality import known_mean
from apanet_core.evaluation.trials import DRY
from apanet_core.imaging.types import ByteImage, FloatMap

CROP_PX = (64, 96)
"""Height and width of a crop, which the page enlarges."""

ERROR_LEVELS = 64
"""The error that is drawn brightest, of 255."""


@dataclass(frozen=True)
class Example:
    """A trial worth a look.

    Attributes:
        trial: its index.
        name, weather: of the trial.
        gain: PSNR gained over the input by the method that chose it, dB, mean of the views.
        reason: why it was chosen.
    """

    trial: int
    name: str
    weather: str
    gain: float
    reason: str


def choose_examples(found: Comparison, method: str) -> list[Example]:
    """Return the median of every severity, or best and median where there is one weather, and the
    trial that gained least of all.

    Args:
        found: where to choose from.
        method: whose gain counts.
    """
    ranked = sorted(_examples(found, method), key=lambda example: -example.gain)
    chosen: list[Example] = []
    for weather in found.weathers:
        rows = [example for example in ranked if example.weather == weather]
        if len(found.weathers) == 1:
            chosen.append(_because(rows[0], "the largest gain"))
        chosen.append(_because(rows[(len(rows) - 1) // 2], f"the median gain in {weather}"))
    chosen.append(_because(ranked[-1], "the smallest gain of all"))
    first: dict[int, Example] = {}
    for example in chosen:
        first.setdefault(example.trial, example)
    return list(first.values())


def error_map(image: ByteImage, clean: ByteImage) -> ByteImage:
    """Return the absolute error, mean over the channels, as colours from black to pale yellow."""
    scaled = (_error(image, clean) * (255 / ERROR_LEVELS)).clip(0, 255).astype(np.uint8)
    coloured = cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO)
    return np.asarray(cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB), np.uint8)


def most_gained(rainy: ByteImage, derained: ByteImage, clean: ByteImage) -> tuple[slice, slice]:
    """Return the crop, rows and columns, where the error fell most."""
    return _brightest(_error(rainy, clean) - _error(derained, clean))


def most_left(derained: ByteImage, clean: ByteImage) -> tuple[slice, slice]:
    """Return the crop, rows and columns, where most error is left."""
    return _brightest(_error(derained, clean))


def at_most_wide(image: ByteImage, width: int) -> ByteImage:
    """Return uint8 RGB `[H,W,3]` no wider than that, for a glance."""
    if image.shape[1] <= width:
        return image
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _examples(found: Comparison, method: str) -> Iterable[Example]:
    views: dict[int, dict[str, list[float]]] = {}
    for row in found.records:
        if row.weather != DRY and row.method in (INPUT, method):
            views.setdefault(row.trial, {}).setdefault(row.method, []).append(row.psnr)
    named = {row.trial: (row.name, row.weather) for row in found.records}
    for trial, psnr in views.items():
        gain = known_mean(psnr[method]) - known_mean(psnr[INPUT])
        yield Example(trial, *named[trial], gain, "")


def _because(example: Example, reason: str) -> Example:
    return Example(example.trial, example.name, example.weather, example.gain, reason)


def _error(image: ByteImage, clean: ByteImage) -> FloatMap:
    return np.asarray(np.abs(image.astype(np.float32) - clean).mean(axis=2), np.float32)


def _brightest(values: NDArray[np.float32]) -> tuple[slice, slice]:
    """Return the window of `CROP_PX`, or all where the picture is smaller, with the largest sum."""
    height, width = (min(side, crop) for side, crop in zip(values.shape, CROP_PX, strict=True))
    sums = cv2.boxFilter(values, -1, (width, height), anchor=(0, 0))
    inside = sums[: values.shape[0] - height + 1, : values.shape[1] - width + 1]
    top, left = np.unravel_index(np.argmax(inside), inside.shape)
    return slice(int(top), int(top) + height), slice(int(left), int(left) + width)
