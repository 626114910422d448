"""What anybody could do without a network: filters that smooth and keep edges."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from apanet_core.evaluation.derain import Derain, Views
from apanet_core.evaluation.method import Method
from apanet_core.imaging.types import ByteImage

MEDIAN_PX = 5
BILATERAL_PX, BILATERAL_LEVELS, BILATERAL_REACH_PX = 9, 50.0, 3.0
GUIDED_RADIUS_PX, GUIDED_EPSILON = 4, 0.01


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


def median(image: ByteImage) -> ByteImage:
    """Return the median around each pixel of uint8 RGB `[H,W,3]`: thin streaks vanish."""
    return np.asarray(cv2.medianBlur(image, MEDIAN_PX), np.uint8)


def bilateral(image: ByteImage) -> ByteImage:
    """Return the bilateral filter (Tomasi and Manduchi 1998) of uint8 RGB `[H,W,3]`."""
    filtered = cv2.bilateralFilter(image, BILATERAL_PX, BILATERAL_LEVELS, BILATERAL_REACH_PX)
    return np.asarray(filtered, np.uint8)


def guided(image: ByteImage) -> ByteImage:
    """Return the guided filter (He, Sun and Tang 2010) of uint8 RGB `[H,W,3]`, guided by itself.

    Each channel is, in every window, a line in its own value; edges steeper than epsilon stay.
    """
    values = image.astype(np.float32) / 255
    mean = _window_mean(values)
    variance = _window_mean(values * values) - mean * mean
    slope = variance / (variance + GUIDED_EPSILON)
    offset = mean * (1 - slope)
    filtered = _window_mean(slope) * values + _window_mean(offset)
    return np.asarray((filtered * 255).round().clip(0, 255), np.uint8)


def _window_mean(values: cv2.typing.MatLike) -> cv2.typing.MatLike:
    side = 2 * GUIDED_RADIUS_PX + 1
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)


def _on_both(filtered: Callable[[ByteImage], ByteImage]) -> Derain:
    def derain(left: ByteImage, right: ByteImage) -> Views:
        return filtered(left), filtered(right)

    return derain
