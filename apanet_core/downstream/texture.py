"""How much texture a picture has left: its gradients against those of the clean one."""

from __future__ import annotations

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage


def gradient(picture: ByteImage) -> float:
    """Return the mean length of the brightness gradient of uint8 RGB `[H,W,3]`, levels a pixel."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    # A Sobel filter weighs its eight pixels by eight.
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *axis) / 8 for axis in ((1, 0), (0, 1)))
    return float(np.hypot(across, down).mean())


def texture_ratio(picture: ByteImage, clean: ByteImage) -> float:
    """Return the picture's gradient as a multiple of the clean one's.

    Under 1 the picture is smoother than the clean one, over 1 there is something more in it, such
    as streaks or noise. NaN where the clean one is flat.
    """
    reference = gradient(clean)
    return gradient(picture) / reference if reference else float("nan")
