"""A wet road under a clean pair: darker, and with a dull mirror image of what stands beyond."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ConfigError
from apanet_core.imaging.disparity import fill_disparity, right_disparity
from apanet_core.imaging.types import AnyPicture, FloatMap
from apanet_core.imaging.white_level import full_scale
from apanet_core.rain.composition import as_picture
from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.synthesis import check_views

PITCHES_DEG = np.linspace(-2.5, 2.5, 11)
"""How far the cameras may look up or down."""
CAMERA_HEIGHTS_M = (0.3, 4.0)
LEAST_GROUND = 0.15
"""Share of the picture below the horizon that the ground must fill to be believed."""
TOLERANCE_PX = 1.5
TOLERANCE = 0.06
"""How far a disparity may be off the ground's: pixels, or a share of it."""
DARKENING = 0.6
"""A soaked ground's brightness is the dry one's to the power of one plus this."""
MIRROR = 0.3
"""Share of light that soaked ground mirrors when it is looked along; less when looked down on."""
MIRROR_ANGLE_DEG = 10.0
COARSENESS_PX = 8


class Ground(NamedTuple):
    """A plane: disparity grows by `slope` pixels per row below the row `horizon`."""

    slope: float
    horizon: float


def wet_ground(
    left: AnyPicture,
    right: AnyPicture,
    disparity: FloatMap,
    wetness: float,
    geometry: StereoGeometry | None = None,
) -> tuple[AnyPicture, AnyPicture]:
    """Wet the ground of a clean pair.

    Do so before rain is added, and take the wet pair for the clean reference: rain removal should
    not learn to dry roads.

    Args:
        left, right: uint8 or uint16 RGB `[H,W,3]` of full range, rectified, clean.
        disparity: of the left view, float32 `[H,W]`, pixels; not finite or not positive where
            unknown.
        wetness: 0 leaves the pair as it is, 1 soaks the ground.
        geometry: the cameras; KITTI's by default.

    Returns:
        The left and right view, RGB `[H,W,3]` of the same type; unchanged where no level ground is
        found.

    Raises:
        ConfigError: the wetness is not between 0 and 1.
        ImageError: as `add_rain`.
    """
    check_views(left, right, disparity)
    if not 0 <= wetness <= 1:
        raise ConfigError(f"Wetness is between 0 and 1, got {wetness:g}.")
    geometry = geometry if geometry is not None else StereoGeometry()
    near = fill_disparity(disparity)
    ground = find_ground(near, geometry)
    if ground is None or wetness == 0:
        return left, right
    return (
        _wet_view(left, near, ground, wetness, geometry),
        _wet_view(right, right_disparity(near), ground, wetness, geometry),
    )


def find_ground(disparity: FloatMap, geometry: StereoGeometry) -> Ground | None:
    """Return the plane below the cameras that fits most of a disparity, or `None`.

    Args:
        disparity: float32 `[H,W]`, pixels, without holes.
    """
    height, width = disparity.shape
    center_y = geometry.center_of(height, width)[1]
    limits = np.log([geometry.baseline_m / metres for metres in reversed(CAMERA_HEIGHTS_M)])
    best, most, below = None, 0, 0
    for pitch in np.radians(PITCHES_DEG):
        horizon = center_y + geometry.focal_px * np.tan(pitch)
        first = max(0, int(np.ceil(horizon)) + 5)
        rows = np.arange(first, height, dtype=np.float32)[:, None]
        slopes = np.log(np.maximum(disparity[first:], 1e-3) / (rows - horizon))
        count, edges = np.histogram(slopes, bins=40, range=(limits[0], limits[1]))
        if slopes.size and count.max() > most:
            peak = int(count.argmax())
            best = Ground(float(np.exp(edges[peak : peak + 2].mean())), float(horizon))
            most, below = int(count.max()), slopes.size
    return best if most > LEAST_GROUND * below else None


def ground_share(disparity: FloatMap, ground: Ground) -> NDArray[np.float32]:
    """Return where the ground is seen, float32 `[H,W]`, 0 to 1 with soft edges."""
    rows = np.arange(len(disparity), dtype=np.float32)[:, None] - ground.horizon
    expected = np.maximum(ground.slope * rows, 0)
    tolerance = np.maximum(TOLERANCE_PX, TOLERANCE * expected)
    on_ground = (np.abs(disparity - expected) < tolerance) & (rows > 0)
    whole = cv2.medianBlur(on_ground.astype(np.uint8) * 255, 15)
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), 3.0) / np.float32(255), np.float32)


def _wet_view(
    view: AnyPicture,
    disparity: FloatMap,
    ground: Ground,
    wetness: float,
    geometry: StereoGeometry,
) -> AnyPicture:
    dry = np.asarray(view / np.float32(full_scale(view)), np.float32)
    rows = np.arange(len(view), dtype=np.float32)[:, None, None] - ground.horizon
    angle = np.degrees(np.arctan2(np.maximum(rows, 0), geometry.focal_px))
    mirrored = MIRROR * wetness * np.exp(-angle / MIRROR_ANGLE_DEG)
    soaked = dry ** (1 + DARKENING * wetness)
    wet = soaked + mirrored * (_mirror_image(dry, ground.horizon) - soaked)
    share = ground_share(disparity, ground)[..., None]
    return as_picture(dry + share * (wet - dry), view)


def _mirror_image(view: NDArray[np.float32], horizon: float) -> NDArray[np.float32]:
    """Return the view turned upside down about the horizon, dulled by the ground's roughness."""
    height, width = view.shape[:2]
    rows = np.clip(2 * horizon - np.arange(height), 0, height - 1).astype(np.float32)
    columns = np.arange(width, dtype=np.float32)
    maps = np.meshgrid(columns, rows)
    flipped = cv2.remap(view, maps[0], maps[1], cv2.INTER_LINEAR)
    across, down = COARSENESS_PX // 2, 2 * COARSENESS_PX
    return np.asarray(cv2.GaussianBlur(flipped, (0, 0), across, sigmaY=down), np.float32)
