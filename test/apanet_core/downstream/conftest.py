"""A made world whose every camera pose is known, and results whose every figure is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from apanet_core.downstream.figures import PairFigures
from apanet_core.downstream.results import PairResult, Results
from apanet_core.downstream.sequence import SequenceResults, Trajectory
from apanet_core.downstream.trajectory import measure_drift
from apanet_core.rain import StereoGeometry

HEIGHT, WIDTH = 160, 320
CAMERA = StereoGeometry(focal_px=240.0, baseline_m=0.5, center=(150.0, 70.0))
# A corridor: planes `normal . point = distance`, metres; right, down, forward.
PLANES = (
    ((0.0, 1.0, 0.0), 1.6),
    ((0.0, -1.0, 0.0), 3.0),
    ((1.0, 0.0, 0.0), 4.0),
    ((-1.0, 0.0, 0.0), 3.5),
    ((0.0, 0.0, 1.0), 40.0),
)
TEXELS_PER_METRE = 24.0


class View(NamedTuple):
    """What the camera sees: left and right uint8 RGB `[H,W,3]`, exact disparity `[H,W]`."""

    left: np.ndarray
    right: np.ndarray
    disparity: np.ndarray


@pytest.fixture(scope="session")
def camera() -> StereoGeometry:
    return CAMERA


@pytest.fixture(scope="session")
def see() -> Callable[[np.ndarray], View]:
    """Render the corridor from a pose `[4,4]` of the left camera."""
    generator = np.random.default_rng(5)
    textures = [
        cv2.GaussianBlur(generator.integers(0, 256, (512, 512, 3), np.uint8), (0, 0), 2.5)
        for _ in PLANES
    ]
    textures = [cv2.normalize(texture, None, 20, 235, cv2.NORM_MINMAX) for texture in textures]

    def render(pose: np.ndarray) -> View:
        left, depth = _look(pose, textures)
        beside = np.eye(4)
        beside[0, 3] = CAMERA.baseline_m
        right, _ = _look(pose @ beside, textures)
        return View(left, right, (CAMERA.disparity_at_one_metre / depth).astype(np.float32))

    return render


def _look(pose: np.ndarray, textures: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    rays = np.stack([columns - CAMERA.center[0], rows - CAMERA.center[1]], -1) / CAMERA.focal_px
    rays = np.concatenate([rays, np.ones((HEIGHT, WIDTH, 1))], -1) @ pose[:3, :3].T
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    depth = np.full((HEIGHT, WIDTH), np.inf)
    for (normal, distance), texture in zip(PLANES, textures, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (distance - pose[:3, 3] @ normal) / (rays @ normal)
        nearer = (along > 0) & (along < depth)
        points = pose[:3, 3] + rays * np.where(nearer, along, 0)[..., None]
        across = [axis for axis in range(3) if not normal[axis]]
        u, v = ((points[..., axis] * TEXELS_PER_METRE).astype(np.float32) for axis in across)
        seen = cv2.remap(texture, u % 511, v % 511, cv2.INTER_LINEAR)
        picture[nearer] = seen[nearer]
        depth = np.where(nearer, along, depth)
    return picture, depth


@pytest.fixture(scope="session")
def drive() -> np.ndarray:
    """Twelve poses: half a metre forward each, in a gentle curve to the right."""
    poses = [np.eye(4)]
    for _ in range(11):
        step = np.eye(4)
        step[:3, :3] = cv2.Rodrigues(np.array([0.0, np.radians(0.8), 0.0]))[0]
        step[:3, 3] = (0.01, 0.0, 0.5)
        poses.append(poses[-1] @ step)
    return np.stack(poses)


CLEAN = PairFigures(
    bad=0.0, wrong=0.0, end_point_px=0.0, density=0.9, keypoints=1500, repeatability=1.0,
    matches=400, correct=360, precision=0.9, texture=1.0, view_difference=5.0,
)  # fmt: skip
RAINY = replace(
    CLEAN, bad=0.4, wrong=0.2, end_point_px=3.0, density=0.6, repeatability=0.5, matches=200,
    correct=150, precision=0.75, texture=1.3, view_difference=9.0,
)  # fmt: skip
TINY = replace(
    RAINY, bad=0.2, wrong=0.1, end_point_px=1.5, density=0.7, repeatability=0.4, correct=180,
    texture=0.8, view_difference=7.0,
)  # fmt: skip


@pytest.fixture(scope="session")
def make_results() -> Callable[..., Results]:
    """Return made results of two pairs; in the second the model is no better than the rain."""

    def make(sequence: bool = False, truths: tuple[bool, bool] = (False, False)) -> Results:
        found = (
            {"rainy": RAINY, "tiny": TINY, "clean": CLEAN},
            {"rainy": RAINY, "tiny": RAINY, "clean": CLEAN},
        )
        pairs = [
            PairResult(name, condition, truth, _with_flicker(figures, name, sequence))
            for name, truth, conditions in zip("ab", truths, found, strict=True)
            for condition, figures in conditions.items()
        ]
        return Results(("rainy", "tiny", "clean"), pairs, _made_sequence() if sequence else None)

    return make


def _with_flicker(figures: PairFigures, pair: str, sequence: bool) -> PairFigures:
    """Flicker belongs to the second frame of a sequence."""
    return replace(figures, flicker=8.0 if sequence and pair == "b" else math.nan)


def _made_sequence() -> SequenceResults:
    """In rain it drifts by 10 %, with the model by 20 %, and loses a step."""
    reference = _straight(1.0)

    def trajectory(step_m: float, lost: int) -> Trajectory:
        poses = _straight(step_m)
        return Trajectory(poses, lost, measure_drift(poses, reference))

    found = {"rainy": trajectory(1.1, 0), "tiny": trajectory(1.2, 1), "clean": trajectory(1.0, 0)}
    return SequenceResults(found, reference, is_truth=False)


def _straight(step_m: float) -> np.ndarray:
    poses = np.tile(np.eye(4), (11, 1, 1))
    poses[:, 2, 3] = step_m * np.arange(11)
    return poses
