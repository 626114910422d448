"""The arrays that pictures are kept in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ByteImage = NDArray[np.uint8]
"""A picture: uint8 RGB `[H,W,3]`, 0 to 255."""

FloatMap = NDArray[np.float32]
"""One value a pixel: float32 `[H,W]`."""

ViewPair = tuple[ByteImage, ByteImage]
"""Left and right view, uint8 RGB `[H,W,3]`."""
