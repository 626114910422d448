"""The Middlebury motorcycle: a real stereo photograph, its true disparity, and its cameras."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from apanet_core.imaging.types import ByteImage, FloatMap
from apanet_core.rain import StereoGeometry
from apanet_core.sequences.stereo_frame import StereoFrame

FIRST_STAMP_NS = 1_700_000_000_000_000_000

# Calibration from the data set (Scharstein et al. 2014), at the size scikit-image carries.
FOCAL_PX = 994.978
BASELINE_M = 0.193001
PRINCIPAL_X_PX = 311.193
PRINCIPAL_Y_PX = 254.877
# The right principal point lies this much farther right; cutting these columns off the right view
# makes the two equal, as camera_info and disparity = focal * baseline / depth want them.
PRINCIPAL_SHIFT_PX = 31


def motorcycle() -> StereoFrame:
    """Return the whole rectified pair: uint8 RGB `[500,710,3]`, disparity not finite in holes.

    It lies in the package scikit-image, so that nothing is downloaded.
    """
    from skimage import data

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
