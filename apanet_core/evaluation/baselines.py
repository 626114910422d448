"""What anybody could do without a network: filters that smooth and keep edges."""

from __future__ import annotations

from typing import Any, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.evaluation.derain import Derain
from apanet_core.evaluation.method import Method
from apanet_core.imaging.types import AnyPicture
from apanet_core.imaging.white_level import full_scale

MEDIAN_PX = 5
BILATERAL_PX, BILATERAL_LEVELS, BILATERAL_REACH_PX = 9, 50.0, 3.0
GUIDED_RADIUS_PX, GUIDED_EPSILON = 4, 0.01


class Filter(Protocol):
    """Filters one picture, uint8 or uint16 RGB `[H,W,3]`, and keeps its type."""

    def __call__(self, image: AnyPicture, /) -> AnyPicture: ...


def baselines() -> list[Method]:
    """Return a median, a bilateral and a guided filter, each on one view at a time."""
    found = {
        "median": (median, f"median of {MEDIAN_PX} x {MEDIAN_PX} pixels"),
        "bilateral": (
            bilateral,
            f"bilateral filter, {BILATERAL_PX} pixels, sigma {BILATERAL_LEVELS:.0f} levels and "
            f"{BILATERAL_REACH_PX:.0f} pixels",
        ),
        "guided": (
            guided,
            f"guided filter by itself, radius {GUIDED_RADIUS_PX} pixels, epsilon {GUIDED_EPSILON}",
        ),
    }
    return [
        Method(name, _on_both(filtered), description, learned=False)
        for name, (filtered, description) in found.items()
    ]


def median(image: AnyPicture) -> AnyPicture:
    """Return the median around each pixel of RGB `[H,W,3]`: thin streaks vanish."""
    return cast("AnyPicture", np.asarray(cv2.medianBlur(image, MEDIAN_PX)))


def bilateral(image: AnyPicture) -> AnyPicture:
    """Return the bilateral filter (Tomasi and Manduchi 1998) of RGB `[H,W,3]`."""
    # OpenCV has none for 16 bits.
    level = full_scale(image) / 255
    values = image if level == 1 else image / np.float32(level)
    filtered = cv2.bilateralFilter(values, BILATERAL_PX, BILATERAL_LEVELS, BILATERAL_REACH_PX)
    return _rounded(np.asarray(filtered) * level, image)


def guided(image: AnyPicture) -> AnyPicture:
    """Return the guided filter (He, Sun and Tang 2010) of RGB `[H,W,3]`, guided by itself.

    Each channel is, in every window, a line in its own value; edges steeper than epsilon stay.
    """
    values = image.astype(np.float32) / full_scale(image)
    mean = _window_mean(values)
    variance = _window_mean(values * values) - mean * mean
    slope = variance / (variance + GUIDED_EPSILON)
    offset = mean * (1 - slope)
    filtered = _window_mean(slope) * values + _window_mean(offset)
    return _rounded(filtered * full_scale(image), image)


def _window_mean(values: cv2.typing.MatLike) -> cv2.typing.MatLike:
    side = 2 * GUIDED_RADIUS_PX + 1
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)


def _rounded(values: NDArray[Any], like: AnyPicture) -> AnyPicture:
    cut = values.round().clip(0, full_scale(like)).astype(like.dtype)
    return cast("AnyPicture", cut)


def _on_both(filtered: Filter) -> Derain:
    def derain(left: AnyPicture, right: AnyPicture, /) -> tuple[AnyPicture, AnyPicture]:
        return filtered(left), filtered(right)

    return derain
