"""How much rain a network sees: the brightness it takes out of a small part of a pair."""

from __future__ import annotations

from typing import cast

import numpy as np

from apanet_core.imaging.types import AnyPicture, Picture
from apanet_core.imaging.white_level import eight_bits

PATCH_HEIGHT, PATCH_WIDTH = 96, 192


def patch(image: AnyPicture) -> AnyPicture:
    """Return the middle of an image, 96 x 192 pixels at the most, as a view.

    The same place in both views, so that they still fit each other along their rows.
    """
    height, width = image.shape[:2]
    top, left = max(0, height - PATCH_HEIGHT) // 2, max(0, width - PATCH_WIDTH) // 2
    return cast("AnyPicture", image[top : top + PATCH_HEIGHT, left : left + PATCH_WIDTH])


def rain_level(rainy: tuple[Picture, Picture], clean: tuple[Picture, Picture]) -> float:
    """Return the brightness that deraining took from the middle of a pair.

    Rain is brighter than what it hides, so what is taken away counts and what is added does not.

    Args:
        rainy, clean: uint8 or uint16 RGB `[H,W,3]` views before and after.

    Returns:
        Levels of 255, mean over the pixels. With `tiny`, 5 to 95 percent over ten validation
        scenes: dry 0.2 to 1.5, rendered drizzle 1.1 to 2.2, light rain 1.6 to 3.8, heavy rain
        5.4 and more.
    """
    taken = []
    for before, after in zip(rainy, clean, strict=True):
        difference = eight_bits(patch(before)).astype(np.int16) - eight_bits(patch(after))
        taken.append(difference.mean(axis=2).clip(min=0).mean())
    return float(np.mean(taken))
