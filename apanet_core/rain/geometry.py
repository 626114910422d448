"""The two cameras that see the rain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StereoGeometry:
    """A rectified stereo camera; the defaults are KITTI's.

    Attributes:
        focal_px: focal length in pixels.
        baseline_m: distance between the cameras in metres.
        center: principal point `(x, y)` in pixels of the image; `None` is the image's centre.
    """

    focal_px: float = 721.5
    baseline_m: float = 0.54
    center: tuple[float, float] | None = None

    @property
    def disparity_at_one_metre(self) -> float:
        """Disparity in pixels of a point one metre away; at depth `z` it is this over `z`."""
        return self.focal_px * self.baseline_m

    def center_of(self, height: int, width: int) -> tuple[float, float]:
        """Return the principal point `(x, y)` in an image of this size."""
        return self.center if self.center is not None else (width / 2, height / 2)
