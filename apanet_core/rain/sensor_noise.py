"""The noise of an image sensor, drawn anew for each view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

READ_SHARE = 0.4
"""Share of the variance at mid grey that is there in the dark as well; the rest is shot noise."""


def add_sensor_noise(view: Floats, levels: float, generator: np.random.Generator) -> Floats:
    """Add read noise, the same everywhere, and shot noise, whose variance grows with the light.

    Noise comes last, after everything that the light met on its way, and independently for each
    view, pixel and channel. The exposure stays that of the view given.

    Args:
        view: float32 `[H,W,3]`, 0 to 1.
        levels: standard deviation at mid grey, levels of 255.

    Returns:
        float32 `[H,W,3]`, not clipped; the view itself where `levels` is 0.
    """
    if levels == 0:
        return view
    variance = np.float32(2 * (1 - READ_SHARE)) * view
    variance += np.float32(READ_SHARE)
    noise = generator.standard_normal(view.shape, np.float32)
    noise *= np.sqrt(np.maximum(variance, 0, out=variance), out=variance)
    noise *= np.float32(levels / 255)
    noise += view
    return noise
