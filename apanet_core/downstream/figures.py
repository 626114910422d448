"""What is measured, and what it means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class PairFigures:
    """Figures of one pair in one condition; `DEFINITIONS` says what each means. NaN: unknown.

    Shares are from 0 to 1, distances in pixels, differences in levels of 0 to 255.
    """

    bad: float
    wrong: float
    end_point_px: float
    density: float
    keypoints: float
    repeatability: float
    matches: float
    correct: float
    precision: float
    texture: float
    view_difference: float
    flicker: float = math.nan


@dataclass(frozen=True)
class DriftFigures:
    """Figures of one condition's trajectory."""

    translation: float
    rotation_deg_per_m: float
    end_m: float
    lost: float


class Better(Enum):
    """Which values are better."""

    LESS = "less"
    MORE = "more"
    NEITHER = "–"


@dataclass(frozen=True)
class Definition:
    """One figure.

    Attributes:
        key: its name in `PairFigures` or `DriftFigures`, and in CSV and JSON.
        title: its name for readers, with its unit.
        better: which values are better.
        decimals: how many are shown.
        meaning: one sentence.
        percent: whether it is a share, to be shown in percent.
    """

    key: str
    title: str
    better: Better
    decimals: int
    meaning: str
    percent: bool = False

    def shown(self, value: float) -> str:
        """Return a value for a table."""
        if math.isnan(value):
            return "–"
        return f"{100 * value if self.percent else value:.{self.decimals}f}"

    def cost(self, value: float) -> float:
        """Return a number that is smaller for better values."""
        return -value if self.better is Better.MORE else value


PAIR_DEFINITIONS = (
    Definition(
        "bad", "bad-3px, %", Better.LESS, 1,
        "Pixels of the reference whose disparity, by semi-global matching, is wrong by over 3 "
        "pixels, or missing.", percent=True,
    ),
    Definition(
        "wrong", "wrong-3px, %", Better.LESS, 1,
        "The same among the pixels that were matched: what a consumer of the disparity is told "
        "wrongly.", percent=True,
    ),
    Definition(
        "end_point_px", "end-point error, px", Better.LESS, 2,
        "Mean absolute error of the disparities that were matched.",
    ),
    Definition(
        "density", "density, %", Better.NEITHER, 1,
        "Pixels of the picture that were matched at all, rightly or wrongly.", percent=True,
    ),
    Definition(
        "keypoints", "ORB keypoints", Better.NEITHER, 0,
        "Found in a view, of 2000 at most; in rain many of them lie on streaks.",
    ),
    Definition(
        "repeatability", "repeatability, %", Better.MORE, 1,
        "Keypoints of the clean picture that are found again within 2 pixels.",
        percent=True,
    ),
    Definition(
        "matches", "left/right matches", Better.NEITHER, 0,
        "Keypoints matched by descriptor with one of the right view in the same row.",
    ),
    Definition(
        "correct", "correct matches", Better.MORE, 0,
        "Of those, how many agree with the reference disparity within 3 pixels.",
    ),
    Definition(
        "precision", "correct of judged, %", Better.MORE, 1,
        "Their share among the matches that lie where the reference disparity is known.",
        percent=True,
    ),
    Definition(
        "texture", "texture, × clean", Better.NEITHER, 2,
        "Mean brightness gradient as a multiple of the clean picture's: over 1 streaks and noise "
        "are in it, under 1 fine texture is smoothed away.",
    ),
    Definition(
        "view_difference", "views differ, levels", Better.LESS, 2,
        "Mean difference of the left view and the right one warped to it by the reference "
        "disparity, where both see the surface, of 255 levels.",
    ),
    Definition(
        "flicker", "flicker, levels", Better.LESS, 2,
        "Mean difference of consecutive left pictures along the clean pictures' motion, of 255 "
        "levels.",
    ),
)  # fmt: skip

DRIFT_DEFINITIONS = (
    Definition(
        "translation", "odometry drift, %", Better.LESS, 2,
        "Error of the position over stretches of the way, as a share of their length (KITTI's "
        "measure).", percent=True,
    ),
    Definition(
        "rotation_deg_per_m", "odometry turn, deg/m", Better.LESS, 4,
        "Error of the heading over the same stretches, per metre.",
    ),
    Definition(
        "end_m", "end apart, m", Better.LESS, 2,
        "Distance between the ends of the trajectory and of the reference.",
    ),
    Definition(
        "lost", "steps lost", Better.LESS, 0,
        "Steps between frames that could not be measured, and were taken to go on as before.",
    ),
)  # fmt: skip
