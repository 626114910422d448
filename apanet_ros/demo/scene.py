"""The scene: the Middlebury motorcycle, a real stereo photograph that scikit-image carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from skimage import data

from apanet_core.rain import StereoGeometry
from apanet_ros.sequences.panning import pan
from apanet_ros.sequences.stereo_frame import ByteImage, FloatMap, StereoFrame

FIRST_STAMP_NS = 1_700_000_000_000_000_000
WINDOW_HEIGHT = 448
WINDOW_WIDTH = 608

# Calibration from the data set (Scharstein et al. 2014), at the size scikit-image carries.
FOCAL_PX = 994.978
BASELINE_M = 0.193001
PRINCIPAL_X_PX = 311.193
PRINCIPAL_Y_PX = 254.877
# The right principal point lies this much farther right; cutting these columns off the right view
# makes the two equal, as camera_info and disparity = focal * baseline / depth want them.
PRINCIPAL_SHIFT_PX = 31


def motorcycle() -> StereoFrame:
    """Return the whole rectified pair: uint8 RGB `[500,710,3]`, disparity not finite in holes."""
    load: Callable[[], tuple[ByteImage, ByteImage, FloatMap]] = data.stereo_motorcycle
    left, right, disparity = load()
    width = left.shape[1] - PRINCIPAL_SHIFT_PX
    return StereoFrame(
        stamp_ns=FIRST_STAMP_NS,
        left=left[:, :width],
        right=right[:, PRINCIPAL_SHIFT_PX:],
        camera=StereoGeometry(FOCAL_PX, BASELINE_M, (PRINCIPAL_X_PX, PRINCIPAL_Y_PX)),
        disparity=np.asarray(disparity[:, :width] + PRINCIPAL_SHIFT_PX, np.float32),
    )


def motorcycle_drive(count: int, pairs_per_second: float) -> Iterator[StereoFrame]:
    """Yield `count` windows of the motorcycle, uint8 RGB `[448,608,3]`, as if a camera panned."""
    return pan(motorcycle(), count, pairs_per_second, WINDOW_HEIGHT, WINDOW_WIDTH)
