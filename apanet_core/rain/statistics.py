"""What the streaks in a picture look like, measured alike on photographs and on rendered rain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage

Floats = NDArray[np.float32]

WIDEST_PX = 13
"""What is wider across than this counts as scene."""
ALONG_SIGMA_PX = 2.0
"""Smoothing along the streaks, which evens out noise but not the streaks."""
TILT_SIGMA_PX = 5.0
"""Smoothing when the direction is looked for, in the picture at half its size."""
FAINTEST_LEVELS = 5.0
"""Least contrast, in levels of 255, at which a streak is seen."""
SHORTEST_PX = 6
LEAST_ELONGATION = 3.0
TILE_PX = 48
"""Side of the tiles that are judged to be textured or smooth."""
TILTS_DEG = range(-45, 46, 5)
SMALLEST_SIDE_PX = 64


@dataclass(frozen=True)
class StreakStatistics:
    """The N streaks found in one picture.

    Attributes:
        width: float32 `[N]`, full width at half of the contrast, pixels.
        length: float32 `[N]`, pixels.
        tilt: float32 `[N]`, degrees from the vertical; positive runs down to the right.
        contrast: float32 `[N]`, streak minus what is beside it, levels of 255.
        examined: share of the picture that is smooth enough to tell streaks from texture, 0 to 1.
        density: streaks per megapixel of that share; NaN where nothing could be examined.
    """

    width: Floats
    length: Floats
    tilt: Floats
    contrast: Floats
    examined: float
    density: float

    @property
    def spread(self) -> float:
        """Half of the range that the middle 68 % of the tilts span, degrees; NaN of no streaks."""
        if len(self.tilt) == 0:
            return float("nan")
        low, high = np.percentile(self.tilt, (16, 84))
        return float(high - low) / 2


def median_of(values: Floats) -> float:
    """Return the median of `[N]` values; NaN of none."""
    return float(np.median(values)) if len(values) else float("nan")


def measure_streaks(image: ByteImage) -> StreakStatistics:
    """Find thin bright lines that run as the rain does, where the scene has no lines of its own.

    The picture is turned so that its rain falls straight down; what is brighter than both its
    sides and much longer than wide is a streak. Tiles in which the same search at a right angle
    to the rain finds a line are texture, and are left out.

    Args:
        image: uint8 RGB `[H,W,3]`, 64 pixels a side or more.

    Raises:
        ImageError: the picture is of another form or smaller.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ImageError(
            f"Streaks are measured in uint8 RGB [H,W,3], not {image.dtype} {image.shape}."
        )
    if min(image.shape[:2]) < SMALLEST_SIDE_PX:
        raise ImageError(f"A picture of {image.shape[1]}x{image.shape[0]} is too small to measure.")
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32)
    tilt = dominant_tilt(grey)
    textured = np.zeros(np.array(grey.shape) // TILE_PX + 1, bool)
    textured[_tiles(find_lines(grey, tilt + 90))] = True
    lines = find_lines(grey, tilt)
    kept = ~textured[_tiles(lines)]
    smooth = ~np.kron(textured, np.ones((TILE_PX, TILE_PX), bool))[: grey.shape[0], : grey.shape[1]]
    return StreakStatistics(
        width=lines.width[kept],
        length=lines.length[kept],
        tilt=lines.tilt[kept],
        contrast=lines.contrast[kept],
        examined=float(smooth.mean()),
        density=float(kept.sum() / smooth.sum() * 1e6) if smooth.any() else float("nan"),
    )


def dominant_tilt(grey: Floats) -> float:
    """Return the tilt of the bright thin lines, degrees from the vertical, in steps of 5.

    Args:
        grey: float32 `[H,W]`, 0 to 255.
    """
    half = (grey.shape[1] // 2, grey.shape[0] // 2)
    small = np.asarray(cv2.resize(grey, half, interpolation=cv2.INTER_AREA), np.float32)
    energies = []
    for tilt in TILTS_DEG:
        raised, inside, _ = _raised(small, tilt, TILT_SIGMA_PX)
        # Squared, because smoothing along another direction spreads a line but loses none of it.
        energies.append((np.where(inside, raised, 0) ** 2).sum() / inside.sum())
    return float(TILTS_DEG[int(np.argmax(energies))])


class Lines(NamedTuple):
    """N bright lines: as in `StreakStatistics`, and float32 `[N,2]` column and row of each."""

    width: Floats
    length: Floats
    tilt: Floats
    contrast: Floats
    place: Floats


def find_lines(grey: Floats, tilt: float) -> Lines:
    """Return the bright thin lines that run within some degrees of `tilt`.

    Args:
        grey: float32 `[H,W]`, 0 to 255.
        tilt: degrees from the vertical; positive runs down to the right.
    """
    raised, inside, turn = _raised(grey, tilt)
    left, right = (np.roll(raised, step, axis=1) for step in (1, -1))
    ridge = (raised > FAINTEST_LEVELS) & (raised >= left) & (raised > right) & inside
    # A missing pixel does not end a line.
    joined = cv2.dilate(ridge.astype(np.uint8), np.ones((3, 1), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    row, column = np.nonzero(ridge)
    label = labels[row, column]

    def mean(values: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.bincount(label, values, minlength=count) / np.maximum(pixels, 1)

    pixels = np.bincount(label, minlength=count)
    mean_row, mean_column = mean(row), mean(column)
    slope = (mean(row * column) - mean_row * mean_column) / np.maximum(
        mean(row * row) - mean_row**2, 1e-6
    )
    length = _extent(row, np.asarray(label, np.int64), count) * np.hypot(1, slope)
    width = mean(_half_width(raised, row, column))
    kept = (length >= SHORTEST_PX) & (length >= LEAST_ELONGATION * width) & (pixels > 0)
    back = cv2.invertAffineTransform(turn)
    place = np.column_stack([mean_column, mean_row]) @ back[:, :2].T + back[:, 2]
    found = (width, length, tilt + np.degrees(np.arctan(slope)), mean(raised[ridge]), place)
    return Lines(*(values[kept].astype(np.float32) for values in found))


def _raised(
    grey: Floats, tilt: float, along_px: float = ALONG_SIGMA_PX
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.float64]]:
    """Turn the picture so that `tilt` is vertical; return how much it stands out sideways.

    Returns:
        float32 `[h,w]` levels above the sides, bool `[h,w]` of what lies well inside the picture,
        float64 `[2,3]` the turn.
    """
    height, width = grey.shape
    side = int(np.ceil(np.hypot(height, width)))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -tilt, 1)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    turned = cv2.warpAffine(grey, turn, (side, side), borderMode=cv2.BORDER_REFLECT)
    covered = cv2.warpAffine(np.ones_like(grey), turn, (side, side))
    inside = np.asarray(cv2.erode(covered, np.ones((5, 5), np.uint8)) > 0.99)
    evened = cv2.GaussianBlur(turned, (1, 0), sigmaX=0, sigmaY=along_px)
    sideways = np.ones((1, WIDEST_PX), np.uint8)
    raised = cv2.morphologyEx(evened, cv2.MORPH_TOPHAT, sideways)
    return np.asarray(raised, np.float32), inside, np.asarray(turn, np.float64)


def _half_width(raised: Floats, row: NDArray[np.intp], column: NDArray[np.intp]) -> Floats:
    """Return the full width at half height of the ridge at each of these pixels, float32 `[N]`."""
    half = raised[row, column] / 2
    total = np.zeros(len(row), np.float32)
    for side in (-1, 1):
        here, open_ended = raised[row, column], np.ones(len(row), bool)
        for step in range(1, WIDEST_PX // 2 + 1):
            there = raised[row, np.clip(column + side * step, 0, raised.shape[1] - 1)]
            crossing = (here - half) / np.maximum(here - there, 1e-6)
            total += np.where(open_ended, np.clip(crossing, 0, 1), 0)
            open_ended &= there > half
            here = there
    return total


def _extent(row: NDArray[np.intp], label: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return over how many rows each label reaches."""
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(first, label, row)
    np.maximum.at(last, label, row)
    return np.where(last < 0, 0, last - first + 1)


def _tiles(lines: Lines) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of the tile that each line's middle lies in."""
    tile = (np.maximum(lines.place, 0) / TILE_PX).astype(np.intp)
    return tile[:, 1], tile[:, 0]
