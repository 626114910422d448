"""One rectified pair with its stamp and camera, without any ROS type."""

from __future__ import annotations

from dataclasses import dataclass

from apanet_core.imaging.types import FloatMap, Picture
from apanet_core.rain import StereoGeometry


@dataclass(frozen=True)
class StereoFrame:
    """One rectified pair.

    Attributes:
        stamp_ns: nanoseconds since the epoch.
        left, right: uint8 or uint16 RGB `[H,W,3]` of full range.
        camera: focal length, baseline and principal point of both views.
        disparity: of the left view, float32 `[H,W]`, pixels; None when unknown.
    """

    stamp_ns: int
    left: Picture
    right: Picture
    camera: StereoGeometry
    disparity: FloatMap | None = None
