"""Which value is white: cameras of 10, 12 or 14 bits write small numbers into 16 bits.

Inside this project a picture of 16 bits always uses all of them, as one of 8 bits does: white is
65535. `WhiteLevel` brings samples from files and messages there, and back to the range they had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage, Picture

Samples = NDArray[Any]
"""Values as a file or message holds them, of any range: uint8, uint16 or float32."""

BITS = (8, 10, 12, 14, 16)
"""The bits of 16 that cameras use."""
FULL = 65535
STEP_OF_16_BITS = 257
"""What one step of 8 bits is in 16: 65535 / 255."""
OVERSHOOT = 2.0
"""Up to here, values of a floating-point picture whose white is 1 may pass it."""


def white_of_bits(bits: int) -> int:
    """Return the largest value of so many bits."""
    return (1 << bits) - 1


def full_scale(picture: Picture) -> int:
    """Return the value of white in a picture inside this project: 255 or 65535."""
    return int(np.iinfo(picture.dtype).max)


def eight_bits(picture: Picture) -> ByteImage:
    """Return a picture in uint8, rounded; one that is uint8 comes back itself."""
    if picture.dtype == np.uint8:
        return np.asarray(picture, np.uint8)
    return np.asarray(cv2.convertScaleAbs(picture, alpha=1 / STEP_OF_16_BITS), np.uint8)


def found_white(samples: Samples) -> float:
    """Return the least usual white level that holds all values.

    255 for uint8. For uint16 the largest value of 8, 10, 12, 14 or 16 bits. For float32 it is 1
    where no value is above 2, else 255 where none is above that, else 65535.

    Raises:
        ImageError: a floating-point value is not finite, or above 65535.
    """
    if samples.dtype == np.uint8:
        return 255
    largest = float(samples.max(initial=0))
    if samples.dtype == np.uint16:
        return next(white_of_bits(bits) for bits in BITS if largest <= white_of_bits(bits))
    if not np.isfinite(samples).all() or largest > FULL:
        raise ImageError(
            f"it holds {'values up to ' + format(largest, 'g') if largest > FULL else 'values'} "
            "that are no brightness: scale it to 0 to 1"
        )
    return 1 if largest <= OVERSHOOT else 255 if largest <= 255 else FULL


class WhiteLevel:
    """The white of one camera pair's samples, given or found; what is found only grows.

    So a dark frame after a bright one is not brightened, and frames do not flicker.

    Args:
        bits: in use, of uint16 samples; 0 has them found.
        known: what `state` was before, to go on from there.

    Raises:
        ImageError: a floating-point picture holds no brightness; see `found_white`.
    """

    def __init__(self, bits: int = 0, known: Mapping[str, float] | None = None) -> None:
        self._given = {"uint16": float(white_of_bits(bits))} if bits else {}
        self._whites = {**(known or {}), **self._given}

    @property
    def state(self) -> dict[str, float]:
        """White by type of sample, as JSON knows it."""
        return dict(self._whites)

    def white(self, kind: Any) -> float:
        """Return the white of samples of a NumPy type, as far as they were seen."""
        name = np.dtype(kind).name
        return self._whites.get(name, {"uint16": FULL, "float32": 1.0}.get(name, 255.0))

    def see(self, samples: Samples, declared: float = 0) -> None:
        """Take note of samples, and of the white that their file declares; 0 where it does not."""
        name = samples.dtype.name
        if name != "uint8" and name not in self._given:
            white = declared or found_white(samples)
            self._whites[name] = max(white, self._whites.get(name, 0))

    def pictures(self, views: Sequence[Samples]) -> list[Picture]:
        """Return RGB `[H,W,3]` samples that belong together as pictures, all scaled alike.

        All are uint8 where all samples are, which are returned themselves; else all are uint16.
        """
        for samples in views:
            self.see(samples)
        return self.scaled(views)

    def scaled(self, views: Sequence[Samples]) -> list[Picture]:
        """Return what `pictures` does, of samples that were seen."""
        if all(samples.dtype == np.uint8 for samples in views):
            return [np.asarray(samples, np.uint8) for samples in views]
        return [self._sixteen_bits(samples) for samples in views]

    def samples(self, picture: Picture, kind: Any) -> Samples:
        """Return a picture as samples of a NumPy type, in the range of those that were seen."""
        kind = np.dtype(kind)
        if kind == np.uint8:
            return eight_bits(picture)
        scale = self.white(kind) / full_scale(picture)
        if kind == np.float32:
            return np.asarray(picture * np.float32(scale), np.float32)
        return _scaled(picture, scale)

    def _sixteen_bits(self, samples: Samples) -> NDArray[np.uint16]:
        if samples.dtype == np.uint8:
            return np.multiply(samples, STEP_OF_16_BITS, dtype=np.uint16)
        return _scaled(samples, FULL / self.white(samples.dtype))


def _scaled(samples: NDArray[Any], factor: float) -> NDArray[np.uint16]:
    """Return samples times a factor as uint16, rounded and cut off at both ends."""
    if factor == 1 and samples.dtype == np.uint16:
        return samples
    scaled = cv2.addWeighted(samples, factor, samples, 0, 0, dtype=cv2.CV_16U)
    return np.asarray(scaled, np.uint16)
