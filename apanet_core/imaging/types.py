"""The arrays that pictures are kept in."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

ByteImage = NDArray[np.uint8]
"""A picture: uint8 RGB `[H,W,3]`, 0 to 255."""

Picture = NDArray[np.unsignedinteger[Any]]
"""A picture of 8 or 16 bits: uint8 or uint16 RGB `[H,W,3]`, from 0 to its type's largest value."""

AnyPicture = TypeVar("AnyPicture", bound=Picture)
"""A `Picture` whose type is kept: bytes come out where bytes go in."""

FloatMap = NDArray[np.float32]
"""One value a pixel: float32 `[H,W]`."""

ViewPair = tuple[ByteImage, ByteImage]
"""Left and right view, uint8 RGB `[H,W,3]`."""
